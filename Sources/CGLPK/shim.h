#pragma once

#include <glpk.h>
#include <setjmp.h>

// GLPK ends the process when an internal assertion fails or memory runs out. With an error hook
// that jumps back the process lives on; whatever GLPK held is then only fit for glp_free_env. The
// jump crosses C frames alone.

// Beyond every return code of GLPK.
enum { QAP_GLPK_ABANDONED = 0x7fff };

static inline void qap_glpk_jump(void *back) { longjmp(*(jmp_buf *)back, 1); }

// Scale factors and a basis to begin from; coefficients at the edge of doubles have no scale
// factors.
static inline int qap_glpk_begin(glp_prob *problem) {
  jmp_buf back;
  if (setjmp(back)) return QAP_GLPK_ABANDONED;
  glp_error_hook(qap_glpk_jump, &back);
  glp_scale_prob(problem, GLP_SF_AUTO);
  glp_adv_basis(problem, 0);
  glp_error_hook(0, 0);
  return 0;
}

static inline int qap_glpk_simplex(glp_prob *problem, const glp_smcp *parameters) {
  jmp_buf back;
  if (setjmp(back)) return QAP_GLPK_ABANDONED;
  glp_error_hook(qap_glpk_jump, &back);
  int code = glp_simplex(problem, parameters);
  glp_error_hook(0, 0);
  return code;
}

static inline int qap_glpk_interior(glp_prob *problem, const glp_iptcp *parameters) {
  jmp_buf back;
  if (setjmp(back)) return QAP_GLPK_ABANDONED;
  glp_error_hook(qap_glpk_jump, &back);
  int code = glp_interior(problem, parameters);
  glp_error_hook(0, 0);
  return code;
}

static inline int qap_glpk_intopt(glp_prob *problem, const glp_iocp *parameters) {
  jmp_buf back;
  if (setjmp(back)) return QAP_GLPK_ABANDONED;
  glp_error_hook(qap_glpk_jump, &back);
  int code = glp_intopt(problem, parameters);
  glp_error_hook(0, 0);
  return code;
}

// Triplets numbered from 1; element 0 of each array is unused.
static inline int qap_glpk_load(glp_prob *problem, int count, const int *rows, const int *columns,
                                const double *values) {
  jmp_buf back;
  if (setjmp(back)) return QAP_GLPK_ABANDONED;
  glp_error_hook(qap_glpk_jump, &back);
  glp_load_matrix(problem, count, rows, columns, values);
  glp_error_hook(0, 0);
  return 0;
}
