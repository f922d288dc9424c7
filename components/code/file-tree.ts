export interface TreeNode {
  readonly name: string;
  readonly path: string;
  /** Null for a file. */
  readonly children: readonly TreeNode[] | null;
}

interface Draft {
  name: string;
  path: string;
  children: Map<string, Draft> | null;
}

/** Nests flat paths into folders; folders first, then by name. */
export function treeOf(paths: readonly string[]): TreeNode[] {
  const root: Draft = { name: "", path: "", children: new Map() };
  for (const path of paths) {
    let at = root;
    const parts = path.split("/");
    parts.forEach((name, i) => {
      const known = at.children?.get(name);
      const next = known ?? {
        name,
        path: parts.slice(0, i + 1).join("/"),
        children: i < parts.length - 1 ? new Map<string, Draft>() : null,
      };
      at.children?.set(name, next);
      at = next;
    });
  }
  const finish = (node: Draft): TreeNode => ({
    name: node.name,
    path: node.path,
    children: node.children === null ? null : sorted([...node.children.values()].map(finish)),
  });
  return finish(root).children?.slice() ?? [];
}

function sorted(nodes: TreeNode[]): TreeNode[] {
  return nodes.sort(
    (a, b) => Number(a.children === null) - Number(b.children === null) || a.name.localeCompare(b.name),
  );
}
