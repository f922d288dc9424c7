"""ONNX Runtime on one thread as a runtime of MLServer, which brings none for ONNX."""

import onnxruntime
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse


class OnnxModel(MLModel):
    async def load(self) -> bool:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(self.settings.parameters.uri, options, providers=["CPUExecutionProvider"])
        self._output = self._session.get_outputs()[0].name
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        tensor = payload.inputs[0]
        (result,) = self._session.run([self._output], {tensor.name: NumpyCodec.decode_input(tensor)})
        return InferenceResponse(model_name=self.name, outputs=[NumpyCodec.encode_output(self._output, result)])
