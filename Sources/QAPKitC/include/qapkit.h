/* QAPKit: the quadratic assignment problem, with a proven bound beside every assignment.
 *
 * Link with -lqapkit, or ask pkg-config for qapkit. Every function is safe to call from several
 * threads at the same time, also on the same instance; a result belongs to one thread at a time.
 *
 * Functions that can fail return QAPKIT_OK or an error code, and qapkit_error_message() then says
 * in a sentence what is wrong and what would help. Pointers may be NULL only where it is said;
 * numbers out of range, NaN and infinities are errors, never a crash. The library cannot check that
 * a pointer leads to as many elements as the caller says.
 *
 * Facilities, locations, rows and items are numbered from 0.
 */
#ifndef QAPKIT_H
#define QAPKIT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this interface: structs carry it, and fields are only ever appended. */
#define QAPKIT_API 1

/* Error codes; all but QAPKIT_ERROR_CALLBACK are the exit codes of the program qap. */
enum {
  QAPKIT_OK = 0,
  QAPKIT_ERROR_INTERNAL = 1,   /* an answer failed its verification, or a fault of the library */
  QAPKIT_ERROR_CALLBACK = 2,   /* a cost callback failed or returned a number that is not finite */
  QAPKIT_ERROR_ARGUMENT = 64,  /* an argument or an option is out of range */
  QAPKIT_ERROR_DATA = 65,      /* the data are no instance, or a file cannot be parsed */
  QAPKIT_ERROR_NO_FILE = 66,   /* there is no such file */
  QAPKIT_ERROR_REFUSED = 69,   /* too large for the memory, or not supported by the method */
  QAPKIT_ERROR_IO = 74         /* a file cannot be read or written */
};

/* The version of the library, such as "1.2.0". */
const char *qapkit_version(void);

/* What went wrong in the last call on this thread that failed; valid until the next call on this
   thread. */
const char *qapkit_error_message(void);

/* ---- Matrices ---- */

enum { QAPKIT_FLOAT64 = 0, QAPKIT_INT64 = 1, QAPKIT_FLOAT32 = 2, QAPKIT_INT32 = 3,
       QAPKIT_IN_PLACE = 256 };

/* A matrix in the caller's memory, read during the call only. The element in row r and column c is
   at data + r * row_stride + c * column_stride; strides count bytes and may be negative or zero.
   Integers beyond 2^53 in magnitude are refused.
   With QAPKIT_IN_PLACE added to the type, qapkit_instance_create does not copy 64-bit floats
   without gaps (column_stride 8, row_stride 8 * columns, data aligned to 8 bytes): they must stay
   there and unchanged until the instance, and every instance made from it, is freed. */
typedef struct qapkit_matrix {
  const void *data;
  int64_t rows, columns;
  int64_t row_stride, column_stride;
  int32_t type;
} qapkit_matrix;

/* ---- Instances ---- */

/* An instance: immutable, and shared freely between threads. */
typedef struct qapkit_instance qapkit_instance;

/* minimize sum flow[i,k] * distance[p(i),p(k)] + sum linear[i,p(i)] + constant over assignments p.
 * flow is m x m, distance n x n with m <= n, linear m x n or NULL; name may be NULL. */
int32_t qapkit_instance_create(const qapkit_matrix *flow, const qapkit_matrix *distance,
                               const qapkit_matrix *linear, double constant, const char *name,
                               qapkit_instance **result);

/* The same where location j takes capacities[j] facilities: distance is s x s and linear m x s for
   the s = count locations, and m is at most the sum of capacities. Assignments, pairs and forbidden
   placements name these locations; inside, each is as many places as it takes facilities. */
int32_t qapkit_instance_create_with_capacities(
    const qapkit_matrix *flow, const qapkit_matrix *distance, const qapkit_matrix *linear,
    double constant, const int64_t *capacities, int64_t count, const char *name,
    qapkit_instance **result);

/* Writes the n x n block C[i,j,.,.] of a cost tensor, row-major, and returns 0; anything else ends
   the run with QAPKIT_ERROR_CALLBACK. The block holds zeros before the call. Called from several
   threads at the same time, and repeatedly for the same block, which must be the same each time. */
typedef int32_t (*qapkit_block)(void *context, int64_t i, int64_t j, double *block);

enum { QAPKIT_TENSOR_INTEGRAL = 1, QAPKIT_TENSOR_SYMMETRIC = 2 };

/* minimize sum C[i,p(i),k,p(k)] + sum linear[i,p(i)] + constant. Promise QAPKIT_TENSOR_INTEGRAL
   when every entry is an integer and QAPKIT_TENSOR_SYMMETRIC when C[i,j,k,l] = C[k,l,i,j]: a false
   promise makes bounds wrong. The context must outlive the instance. */
int32_t qapkit_instance_create_tensor(int64_t n, qapkit_block block, void *context, int32_t flags,
                                      const qapkit_matrix *linear, double constant, const char *name,
                                      qapkit_instance **result);

/* The same with all n^4 entries in memory, C[i,j,k,l] at ((i*n + j)*n + k)*n + l, copied. */
int32_t qapkit_instance_create_dense_tensor(int64_t n, const double *entries,
                                            const qapkit_matrix *linear, double constant,
                                            const char *name, qapkit_instance **result);

/* An instance with the products of another n x n flow and distance added, times weight. */
int32_t qapkit_instance_add_layer(const qapkit_instance *instance, const qapkit_matrix *flow,
                                  const qapkit_matrix *distance, double weight,
                                  qapkit_instance **result);

/* Reads or writes .dat, .json, .npz, .npy or .qplib. An instance that states that it is to be
   maximized is, whatever `maximize` of the options says. */
int32_t qapkit_instance_read(const char *path, qapkit_instance **result);
int32_t qapkit_instance_write(const qapkit_instance *instance, const char *path);

/* Generates an instance of a family that 'qap generate --list' shows, or of a name of QAPLIB that
   can be generated. size 0 is the default of the family. */
int32_t qapkit_instance_generate(const char *family, int64_t size, uint64_t seed,
                                 qapkit_instance **result);

int64_t qapkit_instance_size(const qapkit_instance *instance);       /* places; -1 for NULL */
int64_t qapkit_instance_facilities(const qapkit_instance *instance); /* facilities; -1 for NULL */
const char *qapkit_instance_name(const qapkit_instance *instance);   /* NULL for NULL */
/* 1 when the file of the instance states that it is to be maximized, 0 otherwise; -1 for NULL */
int32_t qapkit_instance_is_maximized(const qapkit_instance *instance);

enum { QAPKIT_FLOW = 0, QAPKIT_DISTANCE = 1, QAPKIT_LINEAR = 2, QAPKIT_SITES = 3 };

/* 1 when the instance has this matrix, 0 otherwise: tensors have no flow and no distance, and only
   instances with capacities have QAPKIT_SITES, the location of each place. */
int32_t qapkit_instance_has(const qapkit_instance *instance, int32_t matrix);

/* Copies a matrix as given, row-major, to `values` with room for `capacity` elements. */
int32_t qapkit_instance_copy(const qapkit_instance *instance, int32_t matrix, double *values,
                             int64_t capacity);
int32_t qapkit_instance_constant(const qapkit_instance *instance, double *value);

/* The objective of an assignment of all facilities. */
int32_t qapkit_instance_objective(const qapkit_instance *instance, const int64_t *assignment,
                                  int64_t count, double *value);

void qapkit_instance_free(qapkit_instance *instance); /* NULL is allowed */

/* ---- Options ---- */

enum {
  QAPKIT_EVENT_INCUMBENT = 0, /* a better assignment */
  QAPKIT_EVENT_BOUND = 1,     /* a better bound */
  QAPKIT_EVENT_WORKING = 2,   /* nothing new; at most ten times a second */
  QAPKIT_EVENT_NOTE = 3       /* a decision explained in `text` */
};

typedef struct qapkit_event {
  uint32_t size;     /* sizeof(qapkit_event) */
  int32_t kind;      /* QAPKIT_EVENT_... */
  double seconds;
  double objective;  /* NaN where unknown */
  double bound;      /* NaN where unknown */
  double gap;        /* NaN where undefined */
  int64_t iterations, nodes, open;
  const char *source; /* the method at work, or "" */
  const char *text;   /* a note, or "" */
} qapkit_event;

/* Called from any thread, one call at a time; pointers are valid during the call. Return 0 to go on
   and anything else to end the run with the best result so far. */
typedef int32_t (*qapkit_progress)(const qapkit_event *event, void *context);

/* What a call is asked. Fill it with qapkit_options_init, then change fields. */
typedef struct qapkit_options {
  uint32_t size;     /* sizeof(qapkit_options) */
  uint32_t version;  /* QAPKIT_API */
  const char *method; /* NULL: the function's default */
  double time_limit;  /* seconds above 0; NaN: none */
  double gap;         /* stop at this relative gap, a fraction; NaN: none */
  double target;      /* stop at this objective; NaN: none */
  double tolerance;   /* real data: see qap help; NaN: the default */
  int64_t iterations; /* 0: no limit */
  int64_t nodes;      /* 0: no limit */
  int64_t starts;     /* descents of faq; 0: its default */
  uint64_t seed;
  int32_t threads;     /* 1 to 256; 0: one a processor */
  int32_t maximize;    /* 0 or 1; also 1 when the instance states it */
  int32_t certificate; /* 1: keep the proof of the bound */
  int32_t clustering_starts; /* classify: starts of k-means; 0: ten */
  qapkit_progress progress; /* NULL: none */
  void *progress_context;
  const volatile int32_t *stop; /* polled: anything but 0 ends the run; NULL: none */
  const int64_t *pairs;         /* fixed pairs: facility, location, facility, location, ... */
  int64_t pair_count;
  const int64_t *start;         /* an assignment to start from */
  int64_t start_count;
  const char *start_certificate; /* the text of a certificate to start dual ascent from */
  const char *checkpoint;        /* a file that keeps an exact search */
  /* Embeddings only. */
  const char *metric; /* gw, cka, cka-rbf, cka-one-sided, knn:K, inner, kl, correlation; NULL: gw */
  int32_t normalize;   /* divide rows by their norms: 0, 1, or -1 for the habit of the metric */
  int32_t stretch;     /* divide columns by their deviations */
  int32_t standardize; /* kernels to mean 0 and deviation 1 */
  int32_t best;        /* solve, match, subset: how many of the best to find; 0: one */
  const int64_t *source_queries; /* rows to match besides the pairs; NULL: all others */
  int64_t source_query_count;
  const int64_t *target_queries;
  int64_t target_query_count;
  const int64_t *truth; /* the true target of each row of the source, -1: unknown */
  int64_t truth_count;
  int32_t distinct; /* solve, match: count assignments that are equal up to symmetry as one */
  int32_t precomputed; /* match: source and target are n x n similarities or distances */
  /* match: costs of rows of source with rows of target (similarities where the metric is
     maximized); the objective is alpha x structure + (1 - alpha) x linear. NULL: structure alone */
  const qapkit_matrix *linear;
  double alpha; /* match: with linear; NaN: one half */
  const int64_t *forbidden; /* forbidden placements: facility, location, facility, location, ... */
  int64_t forbidden_count;
  double outliers;      /* match: cost of each row without a partner; NaN: all are matched */
  int64_t max_outliers; /* match: the most such rows of the smaller side; -1: all */
  int32_t bottleneck; /* solve: minimize the largest term of the objective instead of the sum */
  int32_t center;     /* retrieve: subtract the mean of the known rows first */
  int64_t csls;       /* retrieve: scale scores by this many nearest neighbors; 0: do not */
  int64_t anchors;    /* retrieve: cosines that asif keeps; 0: 800 */
  double exponent;    /* retrieve: power that asif raises cosines to; NaN: 8 */
  int64_t permutations; /* align: random pairings to compare with; 0: none */
  double level;         /* align: level of their threshold; NaN: 0.05 */
  const uint64_t *seeds; /* align: seeds to average shuffled values over; NULL: seed alone */
  int64_t seed_count;
  const int64_t *initial; /* classify: rows of samples as first centers; NULL: k-means++ */
  int64_t initial_count;
  int64_t clusters;         /* classify: number of clusters; 0: that of the classes */
  int64_t moves;            /* subset: moves of all tabu searches; -1: about a second's */
  const char *subset_bound; /* subset: auto, dnn, rows, lp or none; NULL: auto */
} qapkit_options;

/* Sets every field to its default. `size` is sizeof(qapkit_options). */
void qapkit_options_init(qapkit_options *options, size_t size);

/* ---- Results ---- */

typedef struct qapkit_result qapkit_result;

/* All of them take NULL options for the defaults. */

/* An assignment with a bound. */
int32_t qapkit_solve(const qapkit_instance *instance, const qapkit_options *options,
                     qapkit_result **result);
/* A bound, without a search for assignments. */
int32_t qapkit_bound(const qapkit_instance *instance, const qapkit_options *options,
                     qapkit_result **result);
/* Which rows of two sets of embeddings belong together. */
int32_t qapkit_match(const qapkit_matrix *source, const qapkit_matrix *target,
                     const qapkit_options *options, qapkit_result **result);
/* The `size` items that cost least together. costs is L x L; with two sets of embeddings, of which
   row i of one belongs to row i of the other, costs are the losses of the true pairs: pass them as
   costs and target. */
int32_t qapkit_subset(const qapkit_matrix *costs, const qapkit_matrix *target, int64_t size,
                      const qapkit_options *options, qapkit_result **result);
/* Ranks candidates among the rows of target for each query, a row of source. Known pairs are
   `pairs`, or the rows of two other matrices; queries are source_queries (default: rows in no known
   pair) with their partners target_queries. With `truth`, the row of target for each row of source,
   every row of target is a candidate. Methods: local-cka (default), local-cka-rbf, linear, ridge,
   procrustes, cca, relative, asif, cosine. "scores" is queries x candidates. */
int32_t qapkit_retrieve(const qapkit_matrix *source, const qapkit_matrix *target,
                        const qapkit_matrix *base_source, const qapkit_matrix *base_target,
                        const qapkit_options *options, qapkit_result **result);
/* Classes of samples without labels: k-means, then a match of centers to classes; truth holds
   labels. */
int32_t qapkit_classify(const qapkit_matrix *samples, const qapkit_matrix *classes,
                        const qapkit_options *options, qapkit_result **result);
/* How alike two sets of embeddings of the same things are, as they stand and with percentages of
   rows shuffled. The measure is `metric` (default: cka) or linear-predictivity. */
int32_t qapkit_align(const qapkit_matrix *source, const qapkit_matrix *target, const double *percents,
                     int64_t percent_count, const qapkit_options *options, qapkit_result **result);
/* Similarities within one modality; truth holds the class of each row. Each may be NULL: text has a
   row a class, names are texts whose `dimensions` leading directions are kept (0: half), paired a
   text for each row. */
int32_t qapkit_intramodal(const qapkit_matrix *vision, const qapkit_matrix *text,
                          const qapkit_matrix *names, const qapkit_matrix *paired,
                          int64_t dimensions, const qapkit_options *options,
                          qapkit_result **result);
/* How a map between two spaces is fitted. Fill it with qapkit_translation_init, then change
   fields. */
typedef struct qapkit_translation {
  uint32_t size;     /* sizeof(qapkit_translation) */
  uint32_t version;  /* QAPKIT_API */
  int32_t published; /* 1: the published pipeline instead of the defaults of qap translate */
  int32_t restarts;  /* restarts for each number of clusters; 0: default */
  int32_t kmeans_starts; /* starts of k-means in each restart; 0: default */
  int32_t repeat;        /* independent refinements; 0: default */
  int64_t batch;         /* rows of each side in a restart; 0: default */
  double power;       /* power of the singular values in the centers' kernel; NaN: default */
  double pair_weight; /* weight of a known pair in matched rows; NaN: default */
  const int64_t *clusters; /* numbers of clusters to try; NULL: default */
  int64_t cluster_count;
  const int64_t *blocks; /* rows of a block and epochs of each stage; NULL: default */
  const int64_t *epochs;
  int64_t stage_count;
  int64_t csls; /* neighbors of the hub correction in the validation; 0: none */
  const qapkit_matrix *pairs_source; /* known pairs, row by row, instead of options.pairs */
  const qapkit_matrix *pairs_target;
  const qapkit_matrix *valid_source; /* pairs that judge the map, row by row; NULL: none */
  const qapkit_matrix *valid_target;
} qapkit_translation;

/* Sets every field to its default. `size` is sizeof(qapkit_translation). */
void qapkit_translation_init(qapkit_translation *translation, size_t size);

/* A map from source's space to target's, from rows of which none need belong together; known pairs
   are `pairs`, a row of source and one of target each. The result has the arrays "source_mean",
   "target_mean" and "weight" (features of source x features of target) and the number
   "target_scale"; "reliable" says whether refinements agree. */
int32_t qapkit_translate(const qapkit_matrix *source, const qapkit_matrix *target,
                         const qapkit_translation *translation, const qapkit_options *options,
                         qapkit_result **result);

/* A map in the caller's memory. */
typedef struct qapkit_map {
  const double *source_mean, *target_mean, *weight;
  double target_scale;
  int64_t source_features, target_features;
} qapkit_map;

/* Writes the rows of source in target's space, rows x features of target. threads as in options. */
int32_t qapkit_map_apply(const qapkit_map *map, const qapkit_matrix *source, int32_t threads,
                         double *values, int64_t capacity);
/* How well a map finds partners: row i of source belongs to row i of target; csls 0 for none. */
int32_t qapkit_map_validate(const qapkit_map *map, const qapkit_matrix *source,
                            const qapkit_matrix *target, int64_t csls, int32_t threads,
                            qapkit_result **result);

/* Checks the contents of a solution file or of a certificate against an instance. The call succeeds
   whether or not the claim holds: "holds" says. */
int32_t qapkit_verify(const qapkit_instance *instance, const char *claim, int32_t maximize,
                      qapkit_result **result);

/* Keys of results are those of the JSON that qap writes: "objective", "bound", "gap", "seconds",
   ... */

/* A number; QAPKIT_ERROR_ARGUMENT when the result has none of that name (an unknown bound, say). */
int32_t qapkit_result_number(const qapkit_result *result, const char *key, double *value);
/* The elements of an array of indices ("assignment") or of numbers ("scores"); -1 when there is
   none. */
int64_t qapkit_result_count(const qapkit_result *result, const char *key);
int32_t qapkit_result_indices(const qapkit_result *result, const char *key, int64_t *values,
                              int64_t capacity);
int32_t qapkit_result_numbers(const qapkit_result *result, const char *key, double *values,
                              int64_t capacity);
/* "json" (everything), "certificate", "termination", "status" (a sentence), "method"; NULL when
   there is none. Valid until the result is freed. */
const char *qapkit_result_text(const qapkit_result *result, const char *key);

void qapkit_result_free(qapkit_result *result); /* NULL is allowed */

/* The methods as a JSON array; valid for the life of the process. */
const char *qapkit_methods(void);

/* ---- Kernels that other interfaces are built on ---- */

/* The cheapest assignment of the rows of an r x c matrix, r <= c, to columns. */
int32_t qapkit_linear_assignment(const qapkit_matrix *costs, int32_t maximize, int64_t *columns);

/* One descent of the algorithm FAQ with the conventions and the order of ties of SciPy's
 * quadratic_assignment. All matrices are n x n, row-major: the flow a, the distance b, the linear
 * part c (what seeds contribute; NULL: zero) and the doubly stochastic start, which is replaced by
 * the last point. `gradient` is its gradient where the caller has it, or NULL. Writes the columns
 * and the iterations; 0 iterations give the permutation nearest to the start. Returns QAPKIT_OK, or
 * QAPKIT_TIED_END where the last point had several nearest permutations. With `vertices`, which has
 * room for `iterations` times n columns, the direction of each step is written there, and
 * QAPKIT_NEAR_TIE is returned before a step whose direction rounding would choose; call again from
 * that point with its gradient. */
enum { QAPKIT_NEAR_TIE = -1, QAPKIT_STOPPED = -2, QAPKIT_TIED_END = -3 };
int32_t qapkit_faq(int64_t n, const double *a, const double *b, const double *c, double *point,
                   const double *gradient, int64_t iterations, double tolerance, int32_t maximize,
                   const volatile int32_t *stop, int64_t *columns, int64_t *performed,
                   int64_t *vertices);

/* 2-opt in the order of SciPy's quadratic_assignment: swaps positions i <= j of `movable` in
   turn, keeps the first that improves and begins again. `state` holds {i, j, evaluations}, at first
   {0, -1, 0}, and `columns` the assignment of all n. Returns QAPKIT_OK at a local optimum;
   QAPKIT_NEAR_TIE where rounding decides, with the swap that the caller must evaluate in
   `state`: swap columns and call again from {0, -1, evaluations}, or leave them and call again
   with `state` as it is; QAPKIT_STOPPED when *stop is set. */
int32_t qapkit_two_opt(int64_t n, const double *a, const double *b, const int64_t *movable,
                       int64_t count, int32_t maximize, const volatile int32_t *stop,
                       int64_t *columns, int64_t *state);

#ifdef __cplusplus
}
#endif

#endif
