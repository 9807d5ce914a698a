"""Hand-written NumPy: float32 throughout, every product by BLAS into preallocated memory, everything else in place, and
all parameters in one array, so that their update is two calls."""

import ctypes

import numpy

rate = 0.1
random = numpy.random.default_rng(1)


def versions():
    """Its own version, and that of the BLAS of Debian's packages with the kernels that it chose, if it is OpenBLAS."""
    found = {"NumPy": numpy.__version__}
    try:
        blas = ctypes.CDLL("libblas.so.3")
        for name, function in (("BLAS", blas.openblas_get_config), ("core", blas.openblas_get_corename)):
            function.restype = ctypes.c_char_p
            found[name] = function().decode()
    except (OSError, AttributeError):
        pass
    return found


def use_threads(count):
    """Does nothing: OPENBLAS_NUM_THREADS sets the threads before NumPy is loaded."""


def array(x):
    return x


labels = array


def load(file):
    values = numpy.loadtxt(file, dtype=numpy.uint8, delimiter=",", skiprows=1)
    return values[:, 1:], values[:, 0]


def batches(x, y, size):
    order = random.permutation(len(y))
    buffer = numpy.empty((size, x.shape[1]), numpy.float32)
    for first in range(0, len(y), size):
        rows = order[first : first + size]
        yield numpy.take(x, rows, axis=0, out=buffer[: len(rows)], mode="clip"), y[rows]


def sigmoid(z):
    numpy.negative(z, out=z)
    numpy.exp(z, out=z)
    z += 1
    numpy.reciprocal(z, out=z)


def sigmoid_backward(y, d, spare):
    d *= y
    numpy.subtract(1, y, out=spare)
    d *= spare


def tanh(z):
    numpy.tanh(z, out=z)


def tanh_backward(y, d, spare):
    numpy.multiply(y, y, out=spare)
    numpy.subtract(1, spare, out=spare)
    d *= spare


class Network:
    def __init__(self, widths, hidden, seed):
        self.activate, self.backward = {"sigmoid": (sigmoid, sigmoid_backward), "tanh": (tanh, tanh_backward)}[hidden]
        shapes = list(zip(widths, widths[1:]))
        count = sum((inputs + 1) * outputs for inputs, outputs in shapes)
        self.parameters = numpy.zeros(count, numpy.float32)
        self.gradients = numpy.zeros(count, numpy.float32)
        self.w, self.b = self.split(self.parameters, shapes)
        self.d_w, self.d_b = self.split(self.gradients, shapes)
        generator = numpy.random.default_rng(seed)
        for w in self.w:
            w[:] = generator.uniform(-1, 1, w.shape) * numpy.sqrt(6 / sum(w.shape))
        self.widths = widths[1:]
        self.rows = 0

    @staticmethod
    def split(block, shapes):
        weights, biases = [], []
        for inputs, outputs in shapes:
            weights.append(block[: inputs * outputs].reshape(inputs, outputs))
            biases.append(block[inputs * outputs : (inputs + 1) * outputs])
            block = block[(inputs + 1) * outputs :]
        return weights, biases

    def resize(self, rows):
        """Allocates memory for `rows` rows, if their count changed."""
        if rows != self.rows:
            self.rows = rows
            self.y, self.d, self.spare = ([numpy.empty((rows, width), numpy.float32) for width in self.widths] for _ in "yds")
            self.index = numpy.arange(rows)

    def probabilities(self, x):
        self.resize(len(x))
        for w, b, y in zip(self.w, self.b, self.y):
            numpy.dot(x, w, out=y)
            y += b
            if y is not self.y[-1]:
                self.activate(y)
            x = y
        x -= x.max(1, keepdims=True)
        numpy.exp(x, out=x)
        x /= x.sum(1, keepdims=True)
        return x

    def step(self, x, labels):
        probabilities = self.probabilities(x)
        loss = -numpy.log(probabilities[self.index, labels]).sum()
        d = probabilities
        d[self.index, labels] -= 1
        d *= 1 / len(x)
        for i in reversed(range(len(self.w))):
            numpy.dot((self.y[i - 1] if i else x).T, d, out=self.d_w[i])
            numpy.sum(d, axis=0, out=self.d_b[i])
            if i:
                below = self.d[i - 1]
                numpy.dot(d, self.w[i].T, out=below)
                self.backward(self.y[i - 1], below, self.spare[i - 1])
                d = below
        self.gradients *= rate
        self.parameters -= self.gradients
        return float(loss)

    def predictors(self, x):
        return [self.probabilities]


if __name__ == "__main__":
    import peers
    import with_numpy

    peers.run(with_numpy)
