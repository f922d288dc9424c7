export { addVersion } from "./add-version.ts";
export { createDataset } from "./create-dataset.ts";
export { jobs } from "./jobs.ts";
export { keptByDatasets } from "./kept-objects.ts";
export { openVersion } from "./open-version.ts";
export { getDataset, getDatasetVersion, listDatasets, locateVersion, previewVersion } from "./reads.ts";
export { updateDataset } from "./update-dataset.ts";
