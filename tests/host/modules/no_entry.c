/* A module that is no driver. */
int JustSomeFunction(void);

int JustSomeFunction(void) {
  return 1;
}
