// To be imported before uPlot, which makes a number format of the browser's language as it loads: under a POSIX locale that is no language tag ("en-US@posix"), and
// no page with a chart would come up.
if (typeof navigator !== "undefined") {
  const { language } = navigator;
  try {
    Intl.getCanonicalLocales(language);
  } catch {
    Object.defineProperty(navigator, "language", {
      value: language.replace(/[^A-Za-z0-9-].*$/, ""),
      configurable: true,
    });
  }
}
