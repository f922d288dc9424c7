/** The beginning of a table file, as read by the server. */
export interface TablePreviewDto {
  /** Names, and the engine's names of their types: BIGINT, DOUBLE, VARCHAR… */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Columns beyond those shown. */
  readonly moreColumns: number;
  /** JSON values in the order of the columns; long texts are cut. */
  readonly rows: readonly (readonly unknown[])[];
  /** Rows of the whole file; null when it is too large to be counted. */
  readonly total: number | null;
  /** Lines among those read that are no rows of this table. */
  readonly skipped: number;
}
