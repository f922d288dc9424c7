/** Something to do once all that has arrived in this turn of the event loop has been taken in. */
interface Work {
  /** Never throws. */
  readonly act: () => void;
}

/** Requests that have arrived, in their order. */
let arrived: Work[] = [];
/** Models whose rows are to be run once all requests that have arrived are read. */
let runs: Work[] = [];
let scheduled = false;

/**
 * Has a request handled at the end of the turn in which it arrived. Its body has mostly come with it by then, and is taken whole, without the
 * events by which a stream tells of its parts; and all answers of a turn are written in one go, which costs less than each at its time.
 */
export function atEndOfTurn(request: Work): void {
  arrived.push(request);
  schedule();
}

/** Has a model run once the requests that have arrived are read; in the next turn, when it is running now. */
export function afterRequests(run: Work): void {
  runs.push(run);
  schedule();
}

function schedule(): void {
  if (scheduled) return;
  scheduled = true;
  setImmediate(endTurn);
}

function endTurn(): void {
  const requests = arrived;
  arrived = [];
  for (const request of requests) request.act();
  const now = runs;
  runs = [];
  // What is asked for from here on waits for another turn, so that connections are served between two runs.
  scheduled = false;
  for (const run of now) run.act();
}
