export * from "./message.js";
export * from "./message-error.js";
export { STROKE_FIELDS, STROKE_FIXED_LENGTH, STROKE_LENGTH_LIMIT } from "./message-fields.js";
export type { StrokeField, StrokeFieldKind } from "./message-fields.js";
export * from "./message-type.js";
