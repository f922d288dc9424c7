import { TOKEN_PLACEHOLDER } from "../contract.ts";
import type { ServiceDetail } from "../contract.ts";

/** The same call in three languages, ready to be pasted once the token is filled in. */
export function serviceSnippets(address: string, example: unknown): ServiceDetail["snippets"] {
  const json = JSON.stringify(example, null, 2);
  return [
    {
      language: "curl",
      code: `curl -sS ${address} \\\n  -H "Authorization: Bearer ${TOKEN_PLACEHOLDER}" \\\n  -H "Content-Type: application/json" \\\n  --data-binary @- <<'JSON'\n${json}\nJSON`,
    },
    {
      language: "Python",
      code: `import json, urllib.request\n\nrequest = urllib.request.Request(\n    "${address}",\n    data=json.dumps(json.loads(r'''${json}''')).encode(),\n    headers={"Authorization": "Bearer ${TOKEN_PLACEHOLDER}", "Content-Type": "application/json"},\n)\nprint(json.load(urllib.request.urlopen(request)))`,
    },
    {
      language: "TypeScript",
      code: `const response = await fetch("${address}", {\n  method: "POST",\n  headers: { authorization: "Bearer ${TOKEN_PLACEHOLDER}", "content-type": "application/json" },\n  body: JSON.stringify(${json}),\n});\nif (!response.ok) throw new Error(await response.text());\nconsole.log(await response.json());`,
    },
  ];
}
