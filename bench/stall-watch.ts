import { writeFileSync } from "node:fs";

// Loaded into a server before it starts (`node --import`): writes the longest pauses between two turns of its event loop to STALLS_FILE on SIGUSR2, and
// begins anew. `wall` is what a request would have waited, `cpu` the processor time of the thread in it, without what other processes took from the core.
const MS = 1;
const file = process.env["STALLS_FILE"];

const used = () => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};
let longest = { wall: 0, cpu: 0 };
let last = { wall: performance.now(), cpu: used() };

setInterval(() => {
  const now = { wall: performance.now(), cpu: used() };
  longest = {
    wall: Math.max(longest.wall, now.wall - last.wall - MS),
    cpu: Math.max(longest.cpu, now.cpu - last.cpu),
  };
  last = now;
}, MS).unref();

process.on("SIGUSR2", () => {
  if (file !== undefined) writeFileSync(file, JSON.stringify(longest));
  longest = { wall: 0, cpu: 0 };
});
