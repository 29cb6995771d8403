#pragma once

// Only what DenseAlgebra calls, declared here: the place and the contents of cblas.h differ between
// distributions, and Debian's OpenBLAS comes without LAPACKE.

// The names in the library: those of the builds of OpenBLAS that PyPI has begin with a prefix.
#ifdef QAP_SCIPY_OPENBLAS
#define QAP_SYMBOL(name) __asm__("scipy_" #name)
#else
#define QAP_SYMBOL(name)
#endif

// Arguments `order` and `transA`, `transB`: CBLAS_ORDER and CBLAS_TRANSPOSE.
enum { QAP_ROW_MAJOR = 101, QAP_NO_TRANSPOSE = 111, QAP_TRANSPOSE = 112 };

void cblas_dgemm(int order, int transA, int transB, int m, int n, int k, double alpha,
                 const double *a, int lda, const double *b, int ldb, double beta, double *c,
                 int ldc) QAP_SYMBOL(cblas_dgemm);

void cblas_sgemm(int order, int transA, int transB, int m, int n, int k, float alpha,
                 const float *a, int lda, const float *b, int ldb, float beta, float *c, int ldc) QAP_SYMBOL(cblas_sgemm);

// Arguments of `cblas_dtrsm` beside those above: CBLAS_SIDE, CBLAS_UPLO, CBLAS_DIAG.
enum { QAP_RIGHT = 142, QAP_LOWER = 122, QAP_NON_UNIT = 131 };

void cblas_dtrsm(int order, int side, int uplo, int transA, int diag, int m, int n, double alpha,
                 const double *a, int lda, double *b, int ldb) QAP_SYMBOL(cblas_dtrsm);

// LAPACK, column-major: the Cholesky factor.
void dpotrf_(const char *uplo, const int *n, double *a, const int *lda, int *info) QAP_SYMBOL(dpotrf_);

// Eigenvalues and eigenvectors of a symmetric matrix by divide and conquer.
void dsyevd_(const char *jobz, const char *uplo, const int *n, double *a, const int *lda, double *w,
             double *work, const int *lwork, int *iwork, const int *liwork, int *info) QAP_SYMBOL(dsyevd_);

// Singular values and vectors by divide and conquer.
void dgesdd_(const char *jobz, const int *m, const int *n, double *a, const int *lda, double *s,
             double *u, const int *ldu, double *vt, const int *ldvt, double *work,
             const int *lwork, int *iwork, int *info) QAP_SYMBOL(dgesdd_);

void openblas_set_num_threads(int threads) QAP_SYMBOL(openblas_set_num_threads);
int openblas_get_num_threads(void) QAP_SYMBOL(openblas_get_num_threads);
