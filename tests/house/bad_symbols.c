/* What check_symbols.py has to find: it is built as a library of its own. */
int send(int descriptor, const void *bytes, unsigned long size, int flags);

int stray_name(void);
int stray_name(void) {
  return send(0, "", 0, 0);
}
