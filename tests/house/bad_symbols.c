/* What check_symbols.py has to find: it is built as a library of its own. */
int send(int descriptor, const void *bytes, unsigned long size, int flags);

int stray_name(void);
int stray_name(void) {
  return send(0, "", 0, 0);
}

/* Public, and not shown. */
__attribute__((visibility("hidden"))) int uwsk_stop(void);
int uwsk_stop(void) {
  return 0;
}
