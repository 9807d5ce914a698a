// ONNX Runtime by its package for Node.js, which is found by NODE_PATH. It predicts with digits.onnx in the folder of
// --data, which compare_typenet wrote. peers.py has the same tasks for Python.

import {readFileSync} from "node:fs";
import {createRequire} from "node:module";
import {join} from "node:path";
import {parseArgs} from "node:util";

const require = createRequire(import.meta.url);
const ort = require("onnxruntime-node");

const width = 784;
const {values: args, positionals: [task]} = parseArgs({
    options: {threads: {type: "string", default: "1"}, data: {type: "string"}, seed: {type: "string"}},
    allowPositionals: true,
});

function digits() {
    const file = readFileSync(join(args.data, "t10k-images-idx3-ubyte"));
    return Float32Array.from(file.subarray(16), (pixel) => pixel / 255);
}

// Returns the tensors of `size` rows each.
function split(values, size) {
    const tensors = [];
    for (let at = 0; at < values.length; at += size * width) {
        tensors.push(new ort.Tensor("float32", values.slice(at, at + size * width), [size, width]));
    }
    return tensors;
}

// Returns the seconds per call as time_calls in peers.py does, with the same values.
async function timeCalls(call, inputs, passes = 5) {
    const leastSeconds = 0.02;
    async function onePass(times) {
        const start = performance.now();
        for (let i = 0; i < times; ++i) {
            for (const one of inputs) await call(one);
        }
        return (performance.now() - start) / 1000;
    }
    const times = Math.max(1, Math.ceil(leastSeconds / (await onePass(1))));
    await onePass(times);
    const seconds = [];
    for (let i = 0; i < passes; ++i) seconds.push(await onePass(times));
    return seconds.sort((a, b) => a - b)[Math.floor(passes / 2)] / (times * inputs.length);
}

async function timePredictions(values, size) {
    const session = await ort.InferenceSession.create(join(args.data, "digits.onnx"), {
        executionMode: "sequential", graphOptimizationLevel: "all", interOpNumThreads: 1,
        intraOpNumThreads: Number(args.threads),
    });
    const outputs = new ort.Tensor("float32", new Float32Array(size * 10), [size, 10]);
    const inputs = split(values, size);
    const ways = [(features) => session.run({features}), (features) => session.run({features}, {outputs})];
    const seconds = [];
    for (const way of ways) seconds.push(await timeCalls(way, inputs));
    return {seconds: {[task]: Math.min(...seconds)}};
}

const tasks = {
    versions: () => ({
        "ONNX Runtime": `${require("onnxruntime-node/package.json").version} (Node.js ${process.versions.node})`,
    }),
    infer_one: () => timePredictions(digits(), 1),
    infer_one_dense: () => timePredictions(digits().map(() => 1 - Math.random()), 1),
    infer_10000: () => timePredictions(digits(), 10000),
};
console.log(JSON.stringify(await tasks[task]()));
