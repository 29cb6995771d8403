/* Solves a small problem, prints the assignment with its proven bound, and checks the proof.
 *
 *     cc solve.c $(pkg-config --cflags --libs qapkit) && ./a.out
 */
#include <qapkit.h>
#include <stdio.h>

static int32_t progress(const qapkit_event *event, void *context) {
  if (event->kind == QAPKIT_EVENT_INCUMBENT) printf("%s found %g\n", event->source, event->objective);
  return 0; /* anything else would end the run */
}

static int fail(void) {
  fprintf(stderr, "%s\n", qapkit_error_message());
  return 1;
}

int main(void) {
  double flow[4][4] = {{0, 5, 8, 6}, {5, 0, 5, 1}, {8, 5, 0, 2}, {6, 1, 2, 0}};
  int64_t distance[4][4] = {{0, 1, 8, 4}, {1, 0, 5, 2}, {8, 5, 0, 5}, {4, 2, 5, 0}};
  qapkit_matrix a = {flow, 4, 4, sizeof flow[0], sizeof flow[0][0], QAPKIT_FLOAT64};
  qapkit_matrix b = {distance, 4, 4, sizeof distance[0], sizeof distance[0][0], QAPKIT_INT64};

  qapkit_instance *instance;
  if (qapkit_instance_create(&a, &b, NULL, 0, "example", &instance)) return fail();

  qapkit_options options;
  qapkit_options_init(&options, sizeof options);
  options.method = "branch-and-bound";
  options.time_limit = 10;
  options.certificate = 1;
  options.progress = progress;
  qapkit_result *result;
  if (qapkit_solve(instance, &options, &result)) return fail();

  double objective, bound;
  int64_t assignment[4];
  if (qapkit_result_number(result, "objective", &objective)) return fail();
  if (qapkit_result_number(result, "bound", &bound)) return fail();
  if (qapkit_result_indices(result, "assignment", assignment, 4)) return fail();
  printf("objective %g, bound %g: %s\n", objective, bound, qapkit_result_text(result, "status"));
  for (int i = 0; i < 4; i++) printf("facility %d at location %d\n", i, (int)assignment[i]);

  qapkit_result *check;
  const char *proof = qapkit_result_text(result, "certificate");
  if (proof && qapkit_verify(instance, proof, 0, &check) == QAPKIT_OK) {
    puts(qapkit_result_text(check, "json"));
    qapkit_result_free(check);
  }
  qapkit_result_free(result);
  qapkit_instance_free(instance);
  return objective == 176 && bound == 176 ? 0 : 1;
}
