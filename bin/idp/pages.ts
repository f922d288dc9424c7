import { DEMO_PEOPLE } from "./people.ts";

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** The mark, as in app/icon.svg: a dark stone, and the streak that gold leaves on it. */
const MARK = `<svg class="mark" viewBox="0 0 32 32" width="40" height="40" aria-hidden="true">
<path d="M9.6 3.2 21.9 2l7.1 8.3-1.3 12.9-8.9 6.8-12.2-2.2L3 16.4z" fill="var(--stone)"/>
<path d="M9.6 3.2 21.9 2l7.1 8.3-12.6 1.5L3 16.4z" fill="var(--facet)"/>
<path d="m8.2 23.4 15.4-14" stroke="var(--gold)" stroke-width="3.4" stroke-linecap="round"/></svg>`;

const STYLE = `
:root{color-scheme:light dark;--bg:#faf9f7;--surface:#fff;--raised:#f3f1ed;--line:#e4e0d9;--text:#1c1a17;--muted:#625d55;--gold:#c9971c;--steel:#1f5f99;--stone:#2b2825;--facet:#3c3832}
@media (prefers-color-scheme:dark){:root{--bg:#0e0d0c;--surface:#161513;--raised:#1f1d1a;--line:#2b2825;--text:#ece9e4;--muted:#a19a8f;--gold:#e3b341;--steel:#7db3e8;--stone:#2b2825;--facet:#3c3832}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:24px 16px;background:var(--bg);color:var(--text);font:14px/1.5 "Geist","Inter",system-ui,sans-serif}
main{width:100%;max-width:440px}
.mark{display:block;margin-bottom:16px}
h1{margin:0;font-size:20px;line-height:28px;font-weight:600;letter-spacing:-.01em}
p{margin:4px 0 0;color:var(--muted)}
ul{list-style:none;margin:24px 0 0;padding:0;background:var(--surface);border:1px solid var(--line);border-radius:6px;overflow:clip}
li+li{border-top:1px solid var(--line)}
button,.button{font:inherit;color:inherit;cursor:pointer}
.person{display:grid;grid-template-columns:36px 1fr;gap:12px;align-items:center;width:100%;padding:12px 16px;border:0;background:none;text-align:left}
.person:hover{background:var(--raised)}
.person:focus-visible,.button:focus-visible,a:focus-visible{outline:2px solid var(--steel);outline-offset:-2px}
.initials{display:grid;place-items:center;width:36px;height:36px;border-radius:50%;background:var(--raised);border:1px solid var(--line);font-size:12px;font-weight:600}
.name{font-weight:600}
.title{color:var(--muted)}
.sees{display:block;color:var(--muted);font-size:12px}
.button{display:inline-block;margin-top:20px;padding:6px 14px;border:1px solid var(--line);border-radius:6px;background:var(--surface);text-decoration:none}
.button:hover{background:var(--raised)}
small{display:block;margin-top:16px;color:var(--muted);font-size:12px}
code{font-family:"Geist Mono",ui-monospace,monospace}
`;

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeHtml(title)} · Touchstone</title><style>${STYLE}</style></head>
<body><main>${MARK}<h1>${escapeHtml(title)}</h1>${body}</main></body></html>`;
}

/** Who to sign in as. `uid` names the sign-in under way. */
export function signInPage(uid: string): string {
  const people = DEMO_PEOPLE.map((person) => {
    const initials = person.name.replace(/(\w)\w* ?/g, "$1");
    return `<li><button class="person" name="person" value="${person.handle}"><span class="initials" aria-hidden="true">${initials}</span>
<span><span class="name">${escapeHtml(person.name)}</span> <span class="title">· ${escapeHtml(person.title)}</span>
<span class="sees">${escapeHtml(person.sees)}</span></span></button></li>`;
  });
  return page(
    "Sign in to Touchstone",
    `<p>Choose who you are. There is no password.</p>
<form method="post" action="/interaction/${uid}"><ul aria-label="People">${people.join("")}</ul></form>
<small>This identity provider is for development on this machine. Name your own with <code>OIDC_ISSUER</code>.</small>`,
  );
}

/** Ends the provider's session: sent off by itself, with a button where scripts are off. `nonce` lets the script run under the page's policy. */
export function signOutPage(form: string, nonce: string): string {
  return page(
    "Signing out",
    `<p>One moment.</p>${form}<button class="button" form="op.logoutForm" type="submit" name="logout" value="yes">Sign out</button>
<script nonce="${nonce}">document.querySelector("button.button").click()</script>`,
  );
}

export function signedOutPage(appUrl: string): string {
  return page(
    "You are signed out",
    `<p>Nobody is signed in on this browser now.</p><a class="button" href="${escapeHtml(appUrl)}">Back to Touchstone</a>`,
  );
}

/** What went wrong at the provider, and the way back. */
export function errorPage(appUrl: string, error: string, description: string): string {
  return page(
    "The sign-in could not go on",
    `<p>${escapeHtml(description === "" ? error : description)} (<code>${escapeHtml(error)}</code>)</p>
<p>A sign-in page that was left open too long cannot be used again: begin anew.</p>
<a class="button" href="${escapeHtml(appUrl)}">Begin again</a>`,
  );
}
