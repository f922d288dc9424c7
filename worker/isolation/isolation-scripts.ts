/**
 * Runs in fresh user, mount and process namespaces, as their root and first process. Hides the platform's folders under empty ones, puts back what the
 * step needs (its own folder, writable; inputs and environments, read-only), gives up every capability so that none of it can be undone, and runs the
 * command as a child: as the first process of its namespace the command itself would be deaf to SIGTERM.
 *
 * Folders are opened before they are hidden and mounted back through their descriptors. Arguments: own folder, inputs, working directory, two folders to
 * hide (the same one twice where there is one), the number of further folders, these, the command's words.
 */
export const NAMESPACES_SCRIPT = `
fail() { echo "touchstone: the step could not be isolated: $1" >&2; exit 97; }
own=$1 inputs=$2 cwd=$3 hide1=$4 hide2=$5 count=$6
shift 6
exec 5<"$own" 6<"$inputs" || fail folders
[ "$count" -gt 0 ] && { exec 7<"$1" || fail environment; }
[ "$count" -gt 1 ] && { exec 8<"$2" || fail interpreter; }
mount -t tmpfs -o mode=755 hidden "$hide1" || fail hiding
[ "$hide1" = "$hide2" ] || mount -t tmpfs -o mode=755 hidden "$hide2" || fail hiding
back() { mount -c -o "$3" "/proc/self/fd/$1" "$2" || fail "$2"; }
mkdir -p "$own" || fail folders
back 5 "$own" bind
back 6 "$inputs" bind,ro
[ "$count" -gt 0 ] && { mkdir -p "$1"; back 7 "$1" bind,ro; shift; }
[ "$count" -gt 1 ] && { mkdir -p "$1"; back 8 "$1" bind,ro; shift; }
exec 5<&- 6<&- 7<&- 8<&-
cd "$cwd" || fail "$cwd"
setpriv --bounding-set=-all --inh-caps=-all --no-new-privs -- "$@"
exit $?
`;

/**
 * Runs the command in the process group of this shell, beside a watcher that reads descriptor 3, a pipe held open by the worker alone. When the worker
 * dies, however it does, the read ends and the watcher ends the whole group: no step outlives its worker, so that none runs twice after a takeover.
 */
export const WATCHED_SCRIPT = `
(trap '' TERM; read _ <&3; kill -KILL 0) >/dev/null 2>&1 &
exec "$@" 3<&-
`;
