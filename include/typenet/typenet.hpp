#pragma once

// Everything but what brings much to compile and few programs need: model files (typenet/io/safetensors.hpp) and
// gradient checks (typenet/testing/gradient_check.hpp).

#include <typenet/activations.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/random.hpp>
#include <typenet/core/tensor.hpp>
#include <typenet/data/csv.hpp>
#include <typenet/data/dataset.hpp>
#include <typenet/data/idx.hpp>
#include <typenet/data/one_hot.hpp>
#include <typenet/data/split.hpp>
#include <typenet/data/standardize.hpp>
#include <typenet/initializers.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/layers/dropout.hpp>
#include <typenet/layers/layer_norm.hpp>
#include <typenet/layers/residual.hpp>
#include <typenet/layers/standardize.hpp>
#include <typenet/losses.hpp>
#include <typenet/metrics.hpp>
#include <typenet/network.hpp>
#include <typenet/optimizers/sgd.hpp>
#include <typenet/train/callbacks.hpp>
#include <typenet/train/evaluate.hpp>
#include <typenet/train/fit.hpp>
#include <typenet/train/history.hpp>
#include <typenet/train/progress_bar.hpp>
#include <typenet/train/schedules.hpp>
#include <typenet/version.hpp>
