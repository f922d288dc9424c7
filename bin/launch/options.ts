export type LaunchOptions = {
  /** `next dev` instead of build and `next start`; worker and serving start again when their sources change. */
  readonly dev: boolean;
  /** Shows every line of the started processes. */
  readonly verbose: boolean;
};
