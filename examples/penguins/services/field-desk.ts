// What a field worker asks with a bird in hand: which species, and is that sure enough to write down?
// Publish it from Endpoints, once the endpoint penguins answers. See docs/application.md, "Services".

const measure = (description: string, example: number) => ({
  type: "number",
  exclusiveMinimum: 0,
  description,
  examples: [example],
});

export const input = {
  type: "object",
  required: ["island", "bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"],
  additionalProperties: false,
  properties: {
    island: { enum: ["Biscoe", "Dream", "Torgersen"] },
    bill_length_mm: measure("From the tip to the feathers.", 39.1),
    bill_depth_mm: measure("At the nostrils.", 18.7),
    flipper_length_mm: measure("Flattened along a ruler.", 181),
    body_mass_g: measure("Weighed in the bag, the bag taken off.", 3750),
    certainty: { type: "number", minimum: 0.5, maximum: 1, default: 0.9, description: "Below it, measure again." },
  },
};

export const output = {
  type: "object",
  required: ["species", "probability", "advice"],
  properties: {
    species: { type: "string" },
    probability: { type: "number", minimum: 0, maximum: 1 },
    advice: { type: "string" },
  },
};

interface Bird {
  island: string;
  body_mass_g: number;
  certainty?: number;
}

interface Context {
  predict(endpoint: string, row: object): Promise<{ label: string; probabilities: Record<string, number> }>;
  refuse(message: string, status?: number): Error;
}

export async function handle({ certainty = 0.9, ...bird }: Bird, context: Context) {
  if (bird.body_mass_g > 10_000) throw context.refuse("No penguin of these islands weighs over ten kilograms.", 422);
  const { label, probabilities } = await context.predict("penguins", bird);
  const probability = probabilities[label] ?? 0;
  const advice = probability >= certainty ? `Write down ${label}.` : "Not sure enough: measure once more.";
  return { species: label, probability, advice };
}
