import { type Model, pairs } from "./model.ts";
import { floats, int64s, node, onnxFile, tensorInfo } from "./onnx.ts";
import { LABEL, MEASURES } from "./penguin.ts";

const ML = "ai.onnx.ml";

/**
 * The model as an ONNX file: one float input [rows, 1] per measure and the text input `island`; outputs `label` (text, [rows]) and
 * `probabilities` ([rows, classes]). An island that was not in the training data counts as none of them.
 */
export function exportModel(model: Model): Uint8Array {
  const count = MEASURES.length;
  const quadratic = model.basis === "quadratic";
  const products = pairs(count);
  const nodes = [
    node("Concat", [...MEASURES], ["measures"], { axis: 1 }),
    node("Sub", ["measures", "mean"], ["centred"]),
    node("Div", ["centred", "scale"], ["standardised"]),
    node("OneHotEncoder", ["island"], ["island_one_hot"], { cats_strings: model.islands, zeros: 1 }, ML),
    node("Reshape", ["island_one_hot", "island_shape"], ["island_columns"]),
    ...(quadratic
      ? [
          node("Gather", ["standardised", "first_of_pair"], ["first_factor"], { axis: 1 }),
          node("Gather", ["standardised", "second_of_pair"], ["second_factor"], { axis: 1 }),
          node("Mul", ["first_factor", "second_factor"], ["products"]),
        ]
      : []),
    node("Concat", ["standardised", ...(quadratic ? ["products"] : []), "island_columns"], ["design"], { axis: 1 }),
    node("Gemm", ["design", "weights", "bias"], ["scores"]),
    node("Softmax", ["scores"], ["probabilities"], { axis: 1 }),
    node("ArgMax", ["scores"], ["class_index"], { axis: 1, keepdims: 0 }),
    node(
      "LabelEncoder",
      ["class_index"],
      ["label"],
      { keys_int64s: model.classes.map((_, k) => k), values_strings: model.classes },
      ML,
    ),
  ];
  const constants = [
    floats("mean", [count], model.mean),
    floats("scale", [count], model.scale),
    int64s("island_shape", [-1, model.islands.length]),
    ...(quadratic
      ? [
          int64s(
            "first_of_pair",
            products.map(([i]) => i),
          ),
          int64s(
            "second_of_pair",
            products.map(([, j]) => j),
          ),
        ]
      : []),
    floats("weights", [model.weights.length, model.classes.length], model.weights.flat()),
    floats("bias", [model.classes.length], model.bias),
  ];
  return onnxFile({
    name: `penguins_${model.basis}`,
    nodes,
    constants,
    inputs: [
      ...MEASURES.map((name) => tensorInfo(name, "float", ["rows", 1])),
      tensorInfo("island", "string", ["rows", 1]),
    ],
    outputs: [
      tensorInfo("label", "string", ["rows"]),
      tensorInfo("probabilities", "float", ["rows", model.classes.length]),
    ],
    metadata: {
      "touchstone.task": "classification",
      "touchstone.classes": JSON.stringify(model.classes),
      "touchstone.label_column": LABEL,
    },
  });
}
