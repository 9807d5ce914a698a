#pragma once

#include <cmath>
#include <cstddef>
#include <ratio>

#include <typenet/core/concepts.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/random.hpp>

/// Distributions from which a layer's initial weights are drawn; biases start at 0. A Dense layer uses the default of
/// its activation unless its type names another one: Dense<8, ReLU, HeNormal>. Each models Initializer
/// (core/concepts.hpp): draw(random, inputs, outputs) returns one weight of a layer with that many inputs and outputs.
namespace TYPENET {

/// Uniform on [-a, a), a = sqrt(6 / (inputs + outputs)). The default for Identity, Sigmoid, Tanh and Softmax.
/// Source: Glorot, Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010.
struct GlorotUniform {
    static double draw(Random& random, std::size_t inputs, std::size_t outputs) {
        const double a = std::sqrt(6.0 / static_cast<double>(inputs + outputs));
        return a * (2 * uniform(random) - 1);
    }
};

/// Normal with mean 0 and variance 2 / (inputs + outputs). Source: see GlorotUniform.
struct GlorotNormal {
    static double draw(Random& random, std::size_t inputs, std::size_t outputs) {
        return std::sqrt(2.0 / static_cast<double>(inputs + outputs)) * normal(random);
    }
};

/// Uniform on [-a, a), a = sqrt(6 / inputs). The default for ReLU, LeakyReLU, ELU, GELU, SiLU and Softplus.
/// Source: He, Zhang, Ren, Sun, "Delving deep into rectifiers", ICCV 2015.
struct HeUniform {
    static double draw(Random& random, std::size_t inputs, std::size_t) {
        const double a = std::sqrt(6.0 / static_cast<double>(inputs));
        return a * (2 * uniform(random) - 1);
    }
};

/// Normal with mean 0 and variance 2 / inputs. Source: see HeUniform.
struct HeNormal {
    static double draw(Random& random, std::size_t inputs, std::size_t) {
        return std::sqrt(2.0 / static_cast<double>(inputs)) * normal(random);
    }
};

/// Uniform on [-a, a), a = sqrt(3 / inputs).
/// Source: LeCun, Bottou, Orr, Mueller, "Efficient BackProp", 1998, section 4.6.
struct LeCunUniform {
    static double draw(Random& random, std::size_t inputs, std::size_t) {
        const double a = std::sqrt(3.0 / static_cast<double>(inputs));
        return a * (2 * uniform(random) - 1);
    }
};

/// Normal with mean 0 and variance 1 / inputs. Source: see LeCunUniform.
struct LeCunNormal {
    static double draw(Random& random, std::size_t inputs, std::size_t) {
        return std::sqrt(1.0 / static_cast<double>(inputs)) * normal(random);
    }
};

/// Every weight is Value::num / Value::den. Value is a std::ratio.
template <class Value>
struct Constant {
    static double draw(Random&, std::size_t, std::size_t) {
        return static_cast<double>(Value::num) / static_cast<double>(Value::den);
    }
};

/// Every weight is 0.
using Zeros = Constant<std::ratio<0>>;

}  // namespace TYPENET
