import { receiveVersion } from "#server/http/dataset-upload.ts";

/** PUT a CSV or Parquet file as the body, with ?fileName=…&note=…; it becomes the next version. */
export const PUT = receiveVersion;
