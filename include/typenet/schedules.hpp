#pragma once

#include <cmath>
#include <numbers>

/// Learning-rate schedules: functions from the share of all steps that are done, in [0, 1), to a factor of the
/// optimizer's learning rate. Any callable of that form is one.
namespace typenet {

/// From 1 in a straight line to `last`.
struct LinearDecay {
    double last = 0;  ///< at least 0

    double operator()(double done) const { return 1 + (last - 1) * done; }
};

/// From 1 along half a cosine wave to `last`: last + (1 - last) (1 + cos(pi done)) / 2.
/// Source: Loshchilov, Hutter, "SGDR: Stochastic gradient descent with warm restarts", ICLR 2017, without restarts.
struct CosineDecay {
    double last = 0;  ///< at least 0

    double operator()(double done) const { return last + (1 - last) * (1 + std::cos(std::numbers::pi * done)) / 2; }
};

}  // namespace typenet
