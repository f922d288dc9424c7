export { commentOnRequest } from "./comment.ts";
export { decide } from "./decide.ts";
export { whyNotDecide } from "./eligibility.ts";
export { championChanged } from "./events.ts";
export { jobs, subscriptions } from "./jobs.ts";
export { getRequest, listPolicies, listRequests } from "./reads.ts";
export { requestPromotion, withdrawRequest } from "./request-promotion.ts";
export { reevaluateRequest } from "./void-approvals.ts";
export { writePolicy } from "./write-policy.ts";
