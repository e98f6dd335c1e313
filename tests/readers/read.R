# Reads every Parquet file of a bank with nanoparquet and compares numbers of rows and sums of columns of numbers.
#
#   Rscript read.R BANK expected.json      (needs nanoparquet and jsonlite)
arguments <- commandArgs(trailingOnly = TRUE)
expected <- jsonlite::fromJSON(arguments[2], simplifyVector = FALSE)
wrong <- 0
for (path in names(expected)) {
  found <- try(nanoparquet::read_parquet(file.path(arguments[1], path)), silent = TRUE)
  if (inherits(found, "try-error")) {
    cat("REFUSED ", path, conditionMessage(attr(found, "condition")), "\n"); wrong <- wrong + 1; next
  }
  same <- nrow(found) == length(expected[[path]])
  for (name in names(found)[vapply(found, is.numeric, TRUE)]) {
    theirs <- vapply(expected[[path]], function(row) if (is.null(row[[name]])) NA_real_ else as.numeric(row[[name]]), 0)
    same <- same && isTRUE(all.equal(as.numeric(found[[name]]), theirs, tolerance = 0))
  }
  wrong <- wrong + !same
  cat(if (same) "equal   " else "DIFFERS ", path, nrow(found), "rows\n")
}
cat(length(expected), "files,", wrong, "differ or refused\n")
