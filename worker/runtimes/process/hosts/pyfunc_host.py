"""Loads an MLflow model by its python_function flavour and scores what the worker sends. Arguments: the model's folder, a file that lists its outputs.

One request at a time, in the order in which they come: a model is rarely safe to be called twice at once, and the worker joins rows into batches already.
"""

import json
import struct
import sys
import traceback

from touchstone_channel import Channel, describe, flush

NUMPY = {
    "BOOL": "bool",
    "UINT8": "uint8",
    "UINT16": "uint16",
    "UINT32": "uint32",
    "UINT64": "uint64",
    "INT8": "int8",
    "INT16": "int16",
    "INT32": "int32",
    "INT64": "int64",
    "FP16": "float16",
    "FP32": "float32",
    "FP64": "float64",
}


def read_tensors(described, body):
    """The arrays of a request, by name: raw little-endian values, texts as length (u32) and UTF-8."""
    import numpy

    arrays, at = {}, 0
    for tensor in described:
        end = at + tensor["bytes"]
        raw = body[at:end]
        at = end
        if tensor["datatype"] == "BYTES":
            values, place = [], 0
            while place < len(raw):
                (length,) = struct.unpack_from("<I", raw, place)
                values.append(bytes(raw[place + 4 : place + 4 + length]).decode())
                place += 4 + length
            array = numpy.array(values, dtype=object)
        else:
            array = numpy.frombuffer(raw, dtype=NUMPY[tensor["datatype"]]).copy()
        arrays[tensor["name"]] = array.reshape(tensor["dims"])
    return arrays


def to_input(arrays, schema):
    """What the model's predict is given: a table for a signature of columns, arrays for one of tensors."""
    import pandas

    if schema.is_tensor_spec():
        return arrays if schema.has_input_names() else next(iter(arrays.values()))
    table = {}
    for column in schema.inputs:
        values = arrays[column.name].reshape(-1)
        if column.type.name == "datetime":
            values = pandas.to_datetime(pandas.Series(values, dtype="object"))
        table[column.name] = values
    return pandas.DataFrame(table, columns=[column.name for column in schema.inputs])


def by_name(result, outputs):
    """What predict gave, as one array per output: DataFrame, Series, array, list or dict of arrays."""
    import numpy
    import pandas

    names = [output["name"] for output in outputs]
    if hasattr(result, "toarray"):
        result = result.toarray()
    if isinstance(result, pandas.DataFrame):
        columns = {str(name): result[name].to_numpy() for name in result.columns}
        if len(names) == 1 and names[0] not in columns:
            return {names[0]: result.to_numpy() if len(columns) > 1 else next(iter(columns.values()))}
        return columns
    if isinstance(result, dict):
        return {str(name): numpy.asarray(values) for name, values in result.items()}
    array = result.to_numpy() if isinstance(result, pandas.Series) else numpy.asarray(result)
    if len(names) == 1:
        return {names[0]: array}
    if array.ndim == 2 and array.shape[1] == len(names):
        return {name: array[:, i] for i, name in enumerate(names)}
    raise ValueError(f"predict gave one array of shape {list(array.shape)}; the signature names {', '.join(names)}")


def to_bytes(array, output, rows):
    """An output as the signature states it: its dimensions and raw bytes. Raises ValueError where the model gave something else."""
    import numpy

    name, datatype = output["name"], output["datatype"]
    if array.ndim == 0 or array.shape[0] != rows:
        given = "no list" if array.ndim == 0 else f"{array.shape[0]} entries"
        raise ValueError(f"the output '{name}' has {given} for {rows} rows")
    width = 1
    for length in output["shape"][1:]:
        width *= length if length > 0 else 1
    if len(output["shape"]) == 1:
        if array.size != rows:
            raise ValueError(f"the output '{name}' has {array.size // rows} values per row; the signature states one")
        array = array.reshape(rows)
    elif -1 not in output["shape"][1:]:
        if array.size != rows * width:
            raise ValueError(f"the output '{name}' has {array.size // rows} values per row; the signature states {width}")
        array = array.reshape([rows, *output["shape"][1:]])
    if datatype == "BYTES":
        parts = []
        for value in array.reshape(-1):
            if hasattr(value, "isoformat"):
                value = value.isoformat()
            text = (value.decode() if isinstance(value, bytes) else str(value)).encode()
            parts.append(struct.pack("<I", len(text)) + text)
        return list(array.shape), b"".join(parts)
    wanted = numpy.dtype(NUMPY[datatype])
    numbers = array.astype(wanted)
    if wanted.kind in "iub" and not numpy.array_equal(numbers, array):
        raise ValueError(f"the output '{name}' is {array.dtype}, which {wanted} cannot hold without loss")
    return list(array.shape), numpy.ascontiguousarray(numbers).tobytes()


def score(model, outputs, header, body):
    arrays = read_tensors(header["tensors"], body)
    rows = header["rows"]
    given = by_name(model.predict(to_input(arrays, model.metadata.get_input_schema())), outputs)
    described, parts = [], []
    for output in outputs:
        if output["name"] not in header["wanted"]:
            continue
        if output["name"] not in given:
            raise ValueError(f"predict gave no '{output['name']}', only {', '.join(given)}")
        dims, raw = to_bytes(given[output["name"]], output, rows)
        described.append({"name": output["name"], "datatype": output["datatype"], "dims": dims, "bytes": len(raw)})
        parts.append(raw)
    return described, parts


def main():
    channel = Channel()
    folder, description = sys.argv[1:3]
    try:
        with open(description, encoding="utf-8") as file:
            outputs = json.load(file)
        import mlflow.pyfunc

        model = mlflow.pyfunc.load_model(folder)
    except BaseException as error:  # whatever it was, somebody has to be told why there is no model
        traceback.print_exc()
        flush()
        channel.fail(error)
        return 1
    channel.send({"kind": "ready", "python": sys.version.split()[0], "mlflow": mlflow.__version__})
    while True:
        message = channel.read()
        if message is None:
            return 0
        header, body = message
        try:
            described, parts = score(model, outputs, header, body)
            channel.send({"kind": "answer", "id": header["id"], "tensors": described}, *parts)
        except Exception as error:
            traceback.print_exc()
            channel.send({"kind": "error", "id": header["id"], "error": describe(error)})
        flush()


if __name__ == "__main__":
    sys.exit(main())
