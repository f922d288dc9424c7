export { changesOf, isAncestor, isOnBranch } from "./branch-history.ts";
export { broughtBy } from "./commit-origins.ts";
export { commitWorkspace, createBranch } from "./commit-workspace.ts";
export { compareCommits } from "./compare-commits.ts";
export { repositoryDir, gitEnvironment } from "./git.ts";
export { diffDraft, getWorkspace, readFile } from "./read-workspace.ts";
export { getCommit, getFileAt, getFileDiff, getHistory, getTree } from "./reads.ts";
export { authoriseFetch, authorisePush, beginPush, noteCommits, recordPush } from "./remote-access.ts";
export {
  checkoutCommit,
  createRepository,
  listFilesAt,
  readFileAt,
  resolveRef,
} from "./repository.ts";
export { deleteFile, discardChanges, moveFile, saveFile, StaleFile } from "./write-workspace.ts";
