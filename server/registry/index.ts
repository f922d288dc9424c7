export { assignAlias, deleteAlias, dropAlias, protectedAlias, setAlias, setVersionState } from "./aliases.ts";
export { createModel, updateModel } from "./create-model.ts";
export { modelVersionChanged } from "./events.ts";
export { keptByVersions, modelsOfVersions, runsOfVersions } from "./kept-runs.ts";
export { readOnnxSignature } from "./onnx-signature.ts";
export { getModel, getVersion, getVersionById, listModels, listVersionsFrom, locateVersionFile } from "./reads.ts";
export { registerVersion } from "./register-version.ts";
export { deleteVersion, updateVersion } from "./update-version.ts";
