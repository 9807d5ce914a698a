// What check.py shows in gdb: it stops in look().

#include <ratio>
#include <utility>

#include <typenet/typenet.hpp>

using namespace typenet;

namespace {

[[gnu::noinline]] void look(const void* /*unused*/) { asm volatile("" ::: "memory"); }

}  // namespace

int main() {
    Mlp<float, Input<2>, Standardize, Dense<3, Tanh>, Dropout<std::ratio<1, 5>>, Dense<2, Softmax>> net(Seed{1});
    for (std::size_t i = 0; i < net.parameters().size(); ++i) net.parameters()[i] = static_cast<float>(i);
    auto moved_from = net;
    const auto other = std::move(moved_from);
    Buffer<double> buffer(3);
    buffer.data()[1] = 2.5;
    const Rows<const float, 3> rows{net.parameters().data(), 2};
    const Vector<double, 3> answer{0.5, 1.5, 2.5};
    const simd::Pack<float> pack(1.5F);
    const simd::Pack<double> wide_pack(2.5);
    for (const void* shown :
         {static_cast<const void*>(&net), static_cast<const void*>(&moved_from), static_cast<const void*>(&other),
          static_cast<const void*>(&buffer), static_cast<const void*>(&rows), static_cast<const void*>(&answer),
          static_cast<const void*>(&pack), static_cast<const void*>(&wide_pack)}) {
        look(shown);
    }
}
