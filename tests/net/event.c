/*
 * The events of the loop's tests serve here as well.
 */
#include "../loop/event.c"
