export { notify, peopleWithRole, settleNotices } from "./notify.ts";
export { listInbox, markInbox } from "./inbox-items.ts";
