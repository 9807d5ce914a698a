// expects first: xtensor-blas was included before without HAVE_CBLAS=1; define it for the whole target
#ifdef MUST_FAIL
#    define XTENSOR_USE_FLENS_BLAS  // up to version 0.20 it is this macro that leaves HAVE_CBLAS undefined
#    include <xtensor-blas/xblas_config.hpp>

#    include <xtensor-blas/xblas.hpp>
#endif
#include <typenet/typenet.hpp>
