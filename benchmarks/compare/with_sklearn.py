"""scikit-learn's MLPClassifier. One partial_fit of all rows is one epoch: it shuffles, takes the batches and trains.
Its check for values that aren't finite is off."""

import numpy
import sklearn
import sklearn.neural_network

rate = 0.1


def versions():
    return {"scikit-learn": sklearn.__version__}


def use_threads(count):
    """Does nothing but turn the check off: OPENBLAS_NUM_THREADS sets the threads before NumPy is loaded."""
    sklearn.set_config(assume_finite=True)


def array(x):
    return x


labels = array


def batches(x, y, size):
    """Yields all rows at once: the network itself divides them into batches of `size`."""
    yield x, y, size


class Network:
    def __init__(self, widths, hidden, seed):
        self.net = sklearn.neural_network.MLPClassifier(
            widths[1:-1], {"sigmoid": "logistic", "tanh": "tanh"}[hidden], solver="sgd", alpha=0,
            learning_rate_init=rate, momentum=0, nesterovs_momentum=False, random_state=seed)
        # The first call only makes the arrays, which then get the same start as the other peers'.
        classes = numpy.arange(widths[-1])
        self.net.partial_fit(numpy.zeros((1, widths[0]), numpy.float32), classes[:1], classes)
        generator = numpy.random.default_rng(seed)
        for w, b in zip(self.net.coefs_, self.net.intercepts_):
            w[:] = generator.uniform(-1, 1, w.shape) * numpy.sqrt(6 / sum(w.shape))
            b[:] = 0

    def step(self, x, y, size):
        self.net.batch_size = size
        self.net.partial_fit(x, y)
        return self.net.loss_ * len(y)

    def predictors(self, x):
        return [self.net.predict_proba]


if __name__ == "__main__":
    import peers
    import with_sklearn

    peers.run(with_sklearn)
