// The part of MPI that qap-mpi uses. MPI_COMM_WORLD, MPI_BYTE and the like are macros that Swift
// does not see; these functions put them in. Errors end the job: that is MPI's default, and the
// right one here.
#ifndef QAPKIT_CMPI_SHIM_H
#define QAPKIT_CMPI_SHIM_H

#include <mpi.h>

/// Starts MPI; only the thread that calls this may call the others.
static inline void mpi_begin(void) {
  int provided;
  MPI_Init_thread(0, 0, MPI_THREAD_FUNNELED, &provided);
}

/// Ends MPI; every rank must come here.
static inline void mpi_end(void) { MPI_Finalize(); }

/// Ends all ranks at once, with an exit status.
static inline void mpi_abort(int status) { MPI_Abort(MPI_COMM_WORLD, status); }

static inline int mpi_rank(void) {
  int rank;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  return rank;
}

static inline int mpi_size(void) {
  int size;
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  return size;
}

/// Begins to send; `bytes` must stay where they are until the request is done.
static inline MPI_Request mpi_send(const void *bytes, int count, int rank) {
  MPI_Request request;
  MPI_Isend(bytes, count, MPI_BYTE, rank, 0, MPI_COMM_WORLD, &request);
  return request;
}

/// 1 when what was begun is done; the request must then not be asked again.
static inline int mpi_is_done(MPI_Request request) {
  int done;
  MPI_Test(&request, &done, MPI_STATUS_IGNORE);
  return done;
}

/// The length of the next message and who sends it; -1 when none has come.
static inline int mpi_peek(int *source) {
  int flag, count;
  MPI_Status status;
  MPI_Iprobe(MPI_ANY_SOURCE, 0, MPI_COMM_WORLD, &flag, &status);
  if (!flag) return -1;
  MPI_Get_count(&status, MPI_BYTE, &count);
  *source = status.MPI_SOURCE;
  return count;
}

/// Takes the message that `mpi_peek` has seen.
static inline void mpi_take(void *bytes, int count, int source) {
  MPI_Recv(bytes, count, MPI_BYTE, source, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
}

#endif
