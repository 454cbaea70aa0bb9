/*
 * Simple case pairs: from the first to the last small letter, every so many,
 * adding `delta` gives the capital. Only pairs that lead back are here, as in
 * Windows' table: neither the dotless i nor the long s nor the micro sign has a
 * capital. Covered are Latin with its extensions, Greek, Cyrillic, Armenian,
 * the Roman numerals, circled and fullwidth letters.
 *
 * first, last, stride, delta
 */
#define RTL_CASE_RANGES(X)                                                     \
  X(0x0061, 0x007A, 1, -32)                                                    \
  X(0x00E0, 0x00F6, 1, -32)                                                    \
  X(0x00F8, 0x00FE, 1, -32)                                                    \
  X(0x00FF, 0x00FF, 1, 121)                                                    \
  X(0x0101, 0x012F, 2, -1)                                                     \
  X(0x0133, 0x0137, 2, -1)                                                     \
  X(0x013A, 0x0148, 2, -1)                                                     \
  X(0x014B, 0x0177, 2, -1)                                                     \
  X(0x017A, 0x017E, 2, -1)                                                     \
  X(0x0180, 0x0180, 1, 195)                                                    \
  X(0x0183, 0x0185, 2, -1)                                                     \
  X(0x0188, 0x0188, 1, -1)                                                     \
  X(0x018C, 0x018C, 1, -1)                                                     \
  X(0x0192, 0x0192, 1, -1)                                                     \
  X(0x0195, 0x0195, 1, 97)                                                     \
  X(0x0199, 0x0199, 1, -1)                                                     \
  X(0x019A, 0x019A, 1, 163)                                                    \
  X(0x019E, 0x019E, 1, 130)                                                    \
  X(0x01A1, 0x01A5, 2, -1)                                                     \
  X(0x01A8, 0x01A8, 1, -1)                                                     \
  X(0x01AD, 0x01AD, 1, -1)                                                     \
  X(0x01B0, 0x01B0, 1, -1)                                                     \
  X(0x01B4, 0x01B6, 2, -1)                                                     \
  X(0x01B9, 0x01B9, 1, -1)                                                     \
  X(0x01BD, 0x01BD, 1, -1)                                                     \
  X(0x01BF, 0x01BF, 1, 56)                                                     \
  X(0x01C6, 0x01C6, 1, -2)                                                     \
  X(0x01C9, 0x01C9, 1, -2)                                                     \
  X(0x01CC, 0x01CC, 1, -2)                                                     \
  X(0x01CE, 0x01DC, 2, -1)                                                     \
  X(0x01DD, 0x01DD, 1, -79)                                                    \
  X(0x01DF, 0x01EF, 2, -1)                                                     \
  X(0x01F3, 0x01F3, 1, -2)                                                     \
  X(0x01F5, 0x01F5, 1, -1)                                                     \
  X(0x01F9, 0x021F, 2, -1)                                                     \
  X(0x0223, 0x0233, 2, -1)                                                     \
  X(0x023C, 0x023C, 1, -1)                                                     \
  X(0x023F, 0x0240, 1, 10815)                                                  \
  X(0x0242, 0x0242, 1, -1)                                                     \
  X(0x0247, 0x024F, 2, -1)                                                     \
  X(0x0371, 0x0373, 2, -1)                                                     \
  X(0x0377, 0x0377, 1, -1)                                                     \
  X(0x037B, 0x037D, 1, 130)                                                    \
  X(0x03AC, 0x03AC, 1, -38)                                                    \
  X(0x03AD, 0x03AF, 1, -37)                                                    \
  X(0x03B1, 0x03C1, 1, -32)                                                    \
  X(0x03C3, 0x03CB, 1, -32)                                                    \
  X(0x03CC, 0x03CC, 1, -64)                                                    \
  X(0x03CD, 0x03CE, 1, -63)                                                    \
  X(0x03D7, 0x03D7, 1, -8)                                                     \
  X(0x03D9, 0x03EF, 2, -1)                                                     \
  X(0x03F2, 0x03F2, 1, 7)                                                      \
  X(0x03F3, 0x03F3, 1, -116)                                                   \
  X(0x03F8, 0x03F8, 1, -1)                                                     \
  X(0x03FB, 0x03FB, 1, -1)                                                     \
  X(0x0430, 0x044F, 1, -32)                                                    \
  X(0x0450, 0x045F, 1, -80)                                                    \
  X(0x0461, 0x0481, 2, -1)                                                     \
  X(0x048B, 0x04BF, 2, -1)                                                     \
  X(0x04C2, 0x04CE, 2, -1)                                                     \
  X(0x04CF, 0x04CF, 1, -15)                                                    \
  X(0x04D1, 0x052F, 2, -1)                                                     \
  X(0x0561, 0x0586, 1, -48)                                                    \
  X(0x1E01, 0x1E95, 2, -1)                                                     \
  X(0x1EA1, 0x1EFF, 2, -1)                                                     \
  X(0x1F00, 0x1F07, 1, 8)                                                      \
  X(0x1F10, 0x1F15, 1, 8)                                                      \
  X(0x1F20, 0x1F27, 1, 8)                                                      \
  X(0x1F30, 0x1F37, 1, 8)                                                      \
  X(0x1F40, 0x1F45, 1, 8)                                                      \
  X(0x1F51, 0x1F57, 2, 8)                                                      \
  X(0x1F60, 0x1F67, 1, 8)                                                      \
  X(0x1F70, 0x1F71, 1, 74)                                                     \
  X(0x1F72, 0x1F75, 1, 86)                                                     \
  X(0x1F76, 0x1F77, 1, 100)                                                    \
  X(0x1F78, 0x1F79, 1, 128)                                                    \
  X(0x1F7A, 0x1F7B, 1, 112)                                                    \
  X(0x1F7C, 0x1F7D, 1, 126)                                                    \
  X(0x1FB0, 0x1FB1, 1, 8)                                                      \
  X(0x1FD0, 0x1FD1, 1, 8)                                                      \
  X(0x1FE0, 0x1FE1, 1, 8)                                                      \
  X(0x1FE5, 0x1FE5, 1, 7)                                                      \
  X(0x2170, 0x217F, 1, -16)                                                    \
  X(0x24D0, 0x24E9, 1, -26)                                                    \
  X(0xFF41, 0xFF5A, 1, -32)
