#include "answers.hpp"

// Predictions of one row, and nothing else, so that this file's object names every function that they may call.

float real_time::first_output(const Net& net, const Row& row) { return net.predict(row)(0); }

std::int32_t real_time::class_of(const Net& net, const Row& row) { return net.classify(row); }
