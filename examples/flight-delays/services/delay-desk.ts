// What the gate desk asks: hold the connection or not? The model says how likely a delay is; this file says what follows from it.
// Publish it from Endpoints, once the endpoint flight-delays answers. See docs/application.md, "Services".

export const input = {
  type: "object",
  required: ["flight", "passengers"],
  additionalProperties: false,
  properties: {
    flight: {
      type: "object",
      description: "The features of the flight, as the endpoint flight-delays takes them.",
      required: ["carrier", "origin", "dest"],
      examples: [
        {
          carrier: "UA",
          origin: "EWR",
          dest: "ORD",
          weekday: 1,
          dep_hour: 17,
          dep_minute: 30,
          distance: 719,
          sched_duration: 150,
          temp: 60,
          humid: 70,
          wind_speed: 10,
          precip: 0,
          pressure: 1015,
          visib: 10,
        },
      ],
    },
    passengers: { type: "integer", minimum: 0, description: "Passengers with a connection.", examples: [12] },
    threshold: { type: "number", minimum: 0, maximum: 1, default: 0.4 },
  },
};

export const output = {
  type: "object",
  required: ["hold", "probability", "reason"],
  properties: {
    hold: { type: "boolean" },
    probability: { type: "number", minimum: 0, maximum: 1 },
    reason: { type: "string" },
  },
};

interface Request {
  flight: Record<string, unknown>;
  passengers: number;
  threshold?: number;
}

interface Context {
  predict(endpoint: string, row: object): Promise<{ probabilities?: Record<string, number> }>;
  refuse(message: string, status?: number): Error;
}

export async function handle({ flight, passengers, threshold = 0.4 }: Request, context: Context) {
  if (flight.origin === flight.dest) throw context.refuse("A flight leaves for another airport than its own.", 422);
  const { probabilities } = await context.predict("flight-delays", flight);
  const probability = probabilities?.["1"] ?? 0;
  // Few passengers wait for their own flight; many are worth a later departure of the next one.
  const hold = probability >= threshold && passengers >= 5;
  const reason = hold
    ? `A delay is likely (${Math.round(probability * 100)} %), and ${passengers} passengers connect.`
    : probability < threshold
      ? "A delay is not likely enough."
      : "Too few passengers connect.";
  return { hold, probability, reason };
}
