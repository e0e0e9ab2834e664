# Times coin and exactRankTests inside R on the data of compare.py; one line of JSON an answer.
# Usage: Rscript peers.R data.json seconds

lines <- commandArgs(trailingOnly = TRUE)
most <- as.numeric(lines[2])
here <- function(name) requireNamespace(name, quietly = TRUE)
read <- function(path) {
  rows <- readLines(path)
  parts <- strsplit(rows, "\t")
  lapply(parts, function(p) list(n = as.integer(p[1]), name = p[2], values = as.numeric(strsplit(p[3], ",")[[1]])))
}
all <- read(lines[1])
sizes <- unique(sapply(all, function(r) r$n))
of <- function(n) {
  mine <- Filter(function(r) r$n == n, all)
  setNames(lapply(mine, function(r) r$values), sapply(mine, function(r) r$name))
}
data <- setNames(lapply(sizes, of), sizes)
counts <- function(d, name, dims) array(d[[name]], dims)

tests <- list()
if (here("coin")) {
  p <- function(test) as.numeric(coin::pvalue(test))
  tests[["signed rank, Pratt|R coin wilcoxsign_test"]] <- function(d)
    p(coin::wilcoxsign_test(d$after ~ d$before, distribution = "exact", zero.method = "Pratt"))
  tests[["signed rank, zeros dropped|R coin wilcoxsign_test"]] <- function(d)
    p(coin::wilcoxsign_test(d$after ~ d$before, distribution = "exact", zero.method = "Wilcoxon"))
  tests[["two groups, ranks|R coin wilcox_test"]] <- function(d)
    p(coin::wilcox_test(d$after ~ factor(d$first), distribution = "exact"))
  tests[["two groups, raw|R coin oneway_test"]] <- function(d)
    p(coin::oneway_test(d$after ~ factor(d$first), distribution = "exact"))
  tests[["four cohorts, ranks|R coin oneway_test on the same ranks"]] <- function(d)
    p(coin::oneway_test(rank(d$after) ~ factor(d$first) | factor(d$cohort), distribution = "exact"))
  tests[["two-group interval|R coin wilcox_test conf.int"]] <- function(d)
    as.numeric(coin::confint(coin::wilcox_test(d$after ~ factor(d$first, c(1, 0)), distribution = "exact", conf.int = TRUE))$conf.int)
}
if (here("exactRankTests")) {
  suppressMessages(suppressWarnings(library(exactRankTests)))
  tests[["signed rank, zeros dropped|R exactRankTests wilcox.exact"]] <- function(d)
    wilcox.exact(d$after, d$before, paired = TRUE, exact = TRUE)$p.value
  tests[["mean|R exactRankTests perm.test"]] <- function(d)
    perm.test(d$after, d$before, paired = TRUE, exact = TRUE)$p.value
  tests[["two groups, ranks|R exactRankTests wilcox.exact"]] <- function(d)
    wilcox.exact(d$after[d$first == 1], d$after[d$first == 0], exact = TRUE)$p.value
  tests[["two groups, raw|R exactRankTests perm.test"]] <- function(d)
    perm.test(d$after[d$first == 1], d$after[d$first == 0], exact = TRUE)$p.value
  tests[["signed-rank interval|R exactRankTests wilcox.exact conf.int"]] <- function(d)
    as.numeric(wilcox.exact(d$after, d$before, paired = TRUE, exact = TRUE, conf.int = TRUE)$conf.int)
  tests[["signed-rank interval, two decimals|R exactRankTests wilcox.exact conf.int"]] <- function(d)
    as.numeric(wilcox.exact(d$fine, exact = TRUE, conf.int = TRUE)$conf.int)
  tests[["two-group interval|R exactRankTests wilcox.exact conf.int"]] <- function(d)
    as.numeric(wilcox.exact(d$after[d$first == 1], d$after[d$first == 0], exact = TRUE, conf.int = TRUE)$conf.int)
}
tests[["yes–no change|R binom.test"]] <- function(d) binom.test(d$gained, d$gained + d$lost)$p.value
tests[["four cohorts, yes–no|R mantelhaen.test exact"]] <- function(d)
  mantelhaen.test(counts(d, "odds", c(2, 2, length(d$odds) / 4)), exact = TRUE)$p.value
tests[["outcome by cohort|R fisher.test"]] <- function(d)
  fisher.test(counts(d, "table", c(3, length(d$table) / 3)), workspace = 2e7)$p.value

timed <- function(test, d) {
  first <- system.time(answer <- suppressWarnings(test(d)))[["elapsed"]]
  if (first > 1) return(list(first, answer))
  repeats <- max(1, min(500, floor(0.05 / max(first, 1e-4))))
  each <- replicate(5, system.time(for (i in seq_len(repeats)) suppressWarnings(test(d)))[["elapsed"]] / repeats)
  list(median(each), answer)
}

gave_up <- character()
for (n in sizes) for (name in names(tests)) {
  if (name %in% gave_up) next
  job <- parallel::mcparallel(tryCatch(timed(tests[[name]], data[[as.character(n)]]), error = function(e) list(NA, conditionMessage(e))))
  result <- parallel::mccollect(job, wait = FALSE, timeout = most)
  if (is.null(result)) {
    tools::pskill(job$pid, tools::SIGKILL)
    gave_up <- c(gave_up, name)
    line <- "time-out"
  } else if (!is.list(result[[1]]) || is.na(result[[1]][[1]])) {
    line <- "error"
  } else {
    line <- paste(format(1000 * result[[1]][[1]], digits = 4), paste(format(result[[1]][[2]], digits = 17), collapse = ","), sep = "\t")
  }
  cat(n, name, line, sep = "\t")
  cat("\n")
  flush(stdout())
}
cat("absent", paste(Filter(Negate(here), c("coin", "exactRankTests")), collapse = ", "), sep = "\t")
cat("\n")
