/** Types of message elements. */
export const ELEMENT = {
  SECTION_START: 1,
  SECTION_END: 2,
  KEY_VALUE: 3,
  LIST_START: 4,
  LIST_ITEM: 5,
  LIST_END: 6,
} as const;

/** Octets that the length fields can count. */
export const MAX_NAME = 0xff;
export const MAX_VALUE = 0xffff;
