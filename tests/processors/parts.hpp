#pragma once

// The two parts of the program: the same source, compiled for different processors.

namespace every_x86_64 {
void train();
}
namespace x86_64_v3 {
void train();
}
