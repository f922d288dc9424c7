import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { APIRequestContext, Page } from "@playwright/test";
import { expect, test } from "./fixtures/test.ts";

const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mNk+M9Qz0AEYBxVSF+FABJADveWkH6oAAAAAElFTkSuQmCC",
  "base64",
);
/** A page that tries what a page from the app could do, and writes down what came of it. */
const REPORT = `<!doctype html><body><p id="found">nothing ran</p><script>
const found = [];
try { found.push("cookie " + document.cookie); } catch { found.push("no cookie"); }
try { found.push("storage " + localStorage.length); } catch { found.push("no storage"); }
try { found.push("parent " + parent.document.title); } catch { found.push("no parent"); }
fetch("/api/v1/projects").then((r) => found.push("api " + r.status), () => found.push("no api"))
  .finally(() => { document.getElementById("found").textContent = found.join(", "); });
</script>`;
const NOTEBOOK = JSON.stringify({
  nbformat: 4,
  metadata: {},
  cells: [
    { cell_type: "markdown", source: ["## Looking at bills"] },
    {
      cell_type: "code",
      execution_count: 7,
      source: "birds.head()",
      outputs: [
        { output_type: "stream", name: "stdout", text: ["read 344 birds\n"] },
        { output_type: "execute_result", data: { "text/html": "<table><tr><td>Adelie</td></tr></table>" } },
      ],
    },
  ],
});
const FILES: Readonly<Record<string, string | Buffer>> = {
  "birds.csv": `bird,mass\n${Array.from({ length: 1500 }, (_, i) => `p${i},${3000 + i}`).join("\n")}\n`,
  "eval.json": JSON.stringify({ columns: ["question", "score"], data: [["how heavy?", 0.5]] }),
  "config.json": JSON.stringify({ model: { depth: 4 } }),
  "train.py": "import sklearn\nprint('fit')\n",
  "README.md": "# Penguins\n\n<script>document.title = 'run'</script>\n\n![bill](plots/bill.png)\n",
  "analysis.ipynb": NOTEBOOK,
  "report.html": REPORT,
  "plots/bill.png": PNG,
  "plots/depth.png": PNG,
  "weights.bin": Buffer.alloc(2000, 1),
};

async function post<T>(api: APIRequestContext, path: string, data: object): Promise<T> {
  const answer = await api.post(`/api/2.0/mlflow/${path}`, { data });
  expect(answer.status(), await answer.text()).toBe(200);
  return (await answer.json()) as T;
}

async function runWith(api: APIRequestContext, name: string, files: Readonly<Record<string, string | Buffer>>) {
  const { run } = await post<{ run: { info: { run_id: string } } }>(api, "runs/create", {
    experiment_id: "0",
    run_name: name,
  });
  const id = run.info.run_id;
  for (const [file, content] of Object.entries(files)) {
    const put = await api.put(`/api/2.0/mlflow-artifacts/artifacts/0/${id}/artifacts/${file}`, { data: content });
    expect(put.status(), file).toBe(200);
  }
  await post(api, "runs/update", { run_id: id, status: "FINISHED" });
  return id;
}

const open = async (page: Page, file: string) => {
  await page.getByRole("tree", { name: "Artifacts" }).getByRole("treeitem", { name: file }).click();
  return page.getByRole("region", { name: file, exact: true });
};

test("every kind of file is shown, nothing in it runs as the app, and all of it comes as a zip", async ({
  pageOf,
  api,
  guard,
  axe,
}) => {
  // What the sandboxed page tries is refused, and the browser says so.
  guard.allow(/Content Security Policy|Refused to connect|sandboxed/);
  const client = await api("alice", "penguins", ["tracking:read", "tracking:write"]);
  const id = await runWith(client, "files", FILES);
  const alice = await pageOf("alice");
  await alice.goto(`/p/penguins/experiments/runs/${id}?tab=artifacts&file=${encodeURIComponent(":plots/bill.png")}`);
  // A link opens the tree at its file.
  await expect(alice.getByRole("treeitem", { name: "bill.png" })).toHaveAttribute("aria-selected", "true");
  await expect(alice.getByRole("img", { name: "plots/bill.png" })).toBeVisible();
  await expect(alice.getByText("10 × 10 pixels")).toBeVisible();
  // It was finished without an end.
  await expect(alice.getByText("not stated", { exact: true })).toBeVisible();

  const table = await open(alice, "birds.csv");
  await expect(table.getByTestId("table-size")).toContainText("The first 1,000 of 1,500 rows, 2 columns");
  // The greatest of the thousand that were read, wherever the order starts.
  await expect(async () => {
    await table.getByRole("button", { name: /mass · integer/ }).click();
    await expect(table.getByText("3999", { exact: true })).toBeVisible({ timeout: 1000 });
  }).toPass();
  await expect((await open(alice, "eval.json")).getByText("how heavy?")).toBeVisible();
  const json = await open(alice, "config.json");
  await expect(json.getByText("depth:")).toBeVisible();
  await json.getByRole("button", { name: "Fold", exact: true }).click();
  await expect(json.getByText("depth:")).toBeHidden();
  await expect((await open(alice, "train.py")).getByText("print('fit')")).toBeVisible();
  const readme = await open(alice, "README.md");
  await expect(readme.getByRole("heading", { name: "Penguins" })).toBeVisible();
  await expect(readme.getByText("<script>")).toBeVisible();
  await expect(readme.getByRole("img", { name: "bill" })).toHaveJSProperty("naturalWidth", 10);
  const notebook = await open(alice, "analysis.ipynb");
  await expect(notebook.getByText("read 344 birds")).toBeVisible();
  await expect(notebook.frameLocator("iframe").getByText("Adelie")).toBeVisible();
  await expect(
    (await open(alice, "weights.bin")).getByText("There is no preview for this kind of file."),
  ).toBeVisible();
  await axe(alice, { exclude: ["iframe"] });

  const report = await open(alice, "report.html");
  const refused = "no cookie, no storage, no parent, no api";
  await expect(report.frameLocator("iframe").locator("#found")).toHaveText(refused);
  // The address by itself, without the frame around it: the header alone keeps the page from being the app.
  await alice.goto(`/api/v1/projects/penguins/runs/${id}/files/report.html?view=1`);
  await expect(alice.locator("#found")).toHaveText(/^no cookie, no storage, .*no api$/);
  const plain = await client.get(`/api/v1/projects/penguins/runs/${id}/files/report.html`);
  expect(plain.headers()["content-disposition"]).toContain("attachment");
  expect(plain.headers()["x-content-type-options"]).toBe("nosniff");

  // The link that an MLflow client prints when the run ends leads to it.
  await alice.goto(`/p/penguins/#/experiments/0/runs/${id}`);
  await expect(alice).toHaveURL(`/p/penguins/experiments/runs/${id}`);

  await alice.goto(`/p/penguins/experiments/runs/${id}?tab=artifacts`);
  const tree = alice.getByRole("tree", { name: "Artifacts" });
  await expect(tree.getByRole("treeitem", { name: "plots" })).toBeVisible();
  await tree.focus();
  await alice.keyboard.press("Home");
  await alice.keyboard.press("ArrowRight");
  await expect(alice.getByRole("treeitem", { name: "depth.png" })).toBeVisible();
  await alice.keyboard.press("Enter");
  const coming = alice.waitForEvent("download");
  await tree.getByRole("treeitem", { name: "plots" }).click();
  await alice.getByRole("link", { name: "Download as zip" }).click();
  const download = await coming;
  expect(download.suggestedFilename()).toBe("files plots.zip");
  const names = execFileSync("python3", ["-m", "zipfile", "-l", await download.path()], { encoding: "utf8" });
  expect(names).toMatch(/bill\.png[\s\S]*depth\.png/);
  expect(readFileSync(await download.path()).includes(PNG)).toBe(true);
});

test("a note tells whom it mentions, and who is behind loses nothing", async ({ pageOf, api, guard }) => {
  guard.allow(/Failed to load resource.* 412/);
  const client = await api("alice", "penguins", ["tracking:read", "tracking:write"]);
  const id = await runWith(client, "noted", {});
  const [alice, bob] = [await pageOf("alice"), await pageOf("bob")];
  await alice.goto(`/p/penguins/experiments/runs/${id}`);
  await alice.getByRole("button", { name: "Add a note" }).click();
  const field = alice.getByRole("textbox", { name: "Note" });
  await field.pressSequentially("## Better\n\nLook, @bo");
  await alice.getByRole("option", { name: /Bob Keller/ }).waitFor();
  await field.press("Enter");
  await expect(field).toHaveValue("## Better\n\nLook, @bob ");
  // A script writes the same note meanwhile.
  await post(client, "runs/set-tag", { run_id: id, key: "mlflow.note.content", value: "from a script" });
  await alice.getByRole("button", { name: "Save note" }).click();
  const behind = alice.getByRole("alert").filter({ hasText: "Somebody changed this note" });
  await expect(behind).toContainText("from a script");
  await expect(field).toHaveValue(/Look, @bob/);
  await behind.getByRole("button", { name: "Edit both together" }).click();
  await alice.getByRole("button", { name: "Save note" }).click();
  await expect(alice.getByRole("heading", { name: "Better" })).toBeVisible();
  await expect(alice.getByText("from a script")).toBeVisible();
  const { run } = (await (await client.get(`/api/2.0/mlflow/runs/get?run_id=${id}`)).json()) as {
    run: { data: { tags: { key: string; value: string }[] } };
  };
  expect(run.data.tags.find((tag) => tag.key === "mlflow.note.content")?.value).toBe(
    "from a script\n\n## Better\n\nLook, @bob",
  );
  await bob.goto("/inbox");
  await expect(bob.getByText("Alice Martin mentioned you on the run noted").first()).toBeVisible();
  await bob.goto(`/p/penguins/experiments/runs/${id}`);
  await expect(bob.getByRole("heading", { name: "Better" })).toBeVisible();
  await expect(bob.getByRole("button", { name: "Edit" })).toBeHidden();
});

test("a run is deleted, restored, deleted again and purged with what it frees", async ({ pageOf, api, guard }) => {
  // The run's page may look once more before it is left: the worker can be quicker than the way to the table.
  guard.allow(/Failed to load resource.* 404/);
  const client = await api("alice", "penguins", ["tracking:read", "tracking:write"]);
  const shared = Buffer.alloc(2000, 3);
  await runWith(client, "stays", { "copy.bin": shared });
  const own = `only here ${Date.now()}`.padEnd(2048, ".");
  const id = await runWith(client, "to-go", { "only.txt": own, "shared.bin": shared });
  const alice = await pageOf("alice");
  await alice.goto(`/p/penguins/experiments/runs/${id}`);
  const remove = async () => {
    await alice.getByRole("button", { name: "Acts on this run" }).click();
    await alice.getByRole("menuitem", { name: "Delete" }).click();
    await expect(alice.getByRole("dialog")).toContainText(
      "to-go with metrics, parameters and files. It can be restored",
    );
    await alice.getByRole("dialog").getByRole("button", { name: "Delete 1 run" }).click();
    await expect(alice.getByText("1 run deleted").last()).toBeVisible();
    await alice.goto(`/p/penguins/experiments/runs/${id}`);
  };
  await remove();
  await alice.getByRole("button", { name: "Restore" }).click();
  await expect(alice.getByRole("button", { name: "Acts on this run" })).toBeVisible();
  await alice.getByRole("tab", { name: "Artifacts" }).click();
  await expect(alice.getByRole("treeitem", { name: "only.txt" })).toBeVisible();
  await remove();
  await alice.getByRole("button", { name: "Purge" }).click();
  const dialog = alice.getByRole("dialog", { name: "Purge for good" });
  await expect(dialog.getByText("2, 3.95 KiB")).toBeVisible();
  await expect(dialog.getByTestId("purge-frees")).toHaveText("2 KiB");
  const go = dialog.getByRole("button", { name: "Purge 1 run" });
  await expect(go).toBeDisabled();
  await dialog.getByRole("textbox").fill("purge");
  await go.click();
  await expect(alice.getByTestId("purge-result")).toContainText(
    "1 run, 0 metric points and 2 files removed by Alice Martin",
  );
  const gone = await client.get(`/api/2.0/mlflow/runs/get?run_id=${id}`);
  expect(gone.status()).toBe(404);
});
