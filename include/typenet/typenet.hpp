#pragma once

// Everything but what brings much to compile and few programs need: model files (typenet/io/save.hpp, and
// typenet/io/safetensors.hpp to load them), checkpoints (typenet/callbacks/checkpoint.hpp), logs for TensorBoard
// (typenet/callbacks/tensorboard_logger.hpp), an optimizer chosen at run time (typenet/optimizers/any.hpp), reports
// (typenet/report/report.hpp) and gradient checks (typenet/testing/gradient_check.hpp).

#include <typenet/activations.hpp>
#include <typenet/callbacks/csv_logger.hpp>
#include <typenet/callbacks/early_stopping.hpp>
#include <typenet/callbacks/progress_bar.hpp>
#include <typenet/callbacks/stop_on.hpp>
#include <typenet/callbacks/warnings.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/print.hpp>
#include <typenet/core/random.hpp>
#include <typenet/core/row_weights.hpp>
#include <typenet/core/tensor.hpp>
#include <typenet/data/augment.hpp>
#include <typenet/data/csv.hpp>
#include <typenet/data/dataset.hpp>
#include <typenet/data/folds.hpp>
#include <typenet/data/idx.hpp>
#include <typenet/data/one_hot.hpp>
#include <typenet/data/split.hpp>
#include <typenet/data/write_csv.hpp>
#include <typenet/evaluate/evaluate.hpp>
#include <typenet/evaluate/metrics.hpp>
#include <typenet/evaluate/roc.hpp>
#include <typenet/initializers.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/layers/dropout.hpp>
#include <typenet/layers/layer_norm.hpp>
#include <typenet/layers/residual.hpp>
#include <typenet/layers/standardize.hpp>
#include <typenet/layers/unstandardize.hpp>
#include <typenet/losses.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/optimizers/adagrad.hpp>
#include <typenet/optimizers/adam.hpp>
#include <typenet/optimizers/adamw.hpp>
#include <typenet/optimizers/lion.hpp>
#include <typenet/optimizers/nadam.hpp>
#include <typenet/optimizers/rmsprop.hpp>
#include <typenet/optimizers/sgd.hpp>
#include <typenet/selection/cross_validate.hpp>
#include <typenet/selection/random_search.hpp>
#include <typenet/train/callback.hpp>
#include <typenet/train/fit.hpp>
#include <typenet/train/history.hpp>
#include <typenet/train/history_table.hpp>
#include <typenet/train/layer_training.hpp>
#include <typenet/train/monitor.hpp>
#include <typenet/train/options.hpp>
#include <typenet/train/schedules.hpp>
#include <typenet/train/trainer.hpp>
#include <typenet/version.hpp>
