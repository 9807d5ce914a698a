// Runs the ONNX files that `models write FOLDER` wrote in ONNX Runtime, and compares its outputs with the library's:
//     node onnxruntime.mjs FOLDER
// It is run by hand, since Debian has no package of onnxruntime-web. That is looked for in the current folder and those
// above it.

import {createRequire} from "node:module";
import {readdirSync, readFileSync} from "node:fs";
import {join} from "node:path";

const require = createRequire(join(process.cwd(), "here"));
const ort = require("onnxruntime-web");
ort.env.wasm.numThreads = 1;

const folder = process.argv[2];
const rows = 1000;
const width = 784;
const pixels = readFileSync(join(folder, "pixels")).subarray(0, rows * width);
let failures = 0;

for (const file of readdirSync(folder).filter((name) => name.endsWith(".onnx")).sort()) {
    const session = await ort.InferenceSession.create(readFileSync(join(folder, file)));
    const outputs = readFileSync(join(folder, file.replace(".onnx", ".outputs")));
    const expected = new Float32Array(outputs.buffer, outputs.byteOffset, outputs.length / 4);
    const features = new ort.Tensor(Float32Array.from(pixels), [rows, width]);
    const {data} = (await session.run({features})).outputs;
    let worst = 0;
    data.forEach((y, i) => {
        worst = Math.max(worst, Math.abs(y - expected[i]) / Math.max(1, Math.abs(expected[i])));  // NaN if one is
    });
    const isWell = worst <= 1e-4 && data.length > 0 && data.length <= expected.length;
    failures += isWell ? 0 : 1;
    console.log(`${file}: ${data.length} outputs, largest difference ${worst.toExponential(1)}${isWell ? "" : "  FAILED"}`);
}
process.exit(failures === 0 ? 0 : 1);
