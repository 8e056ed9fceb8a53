// What a picture is.

/** What an ICC profile is called among what can be switched off: what the colours are, and nothing that covers them. */
export const ICC = "icc profile";

/** @type {(picture: Picture | null | undefined) => picture is Picture} Whether it has pixels, and is no page. */
export const isImage = (picture) => !!picture && !picture.page;

/** @type {(picture: Picture | null | undefined) => picture is Picture} Whether it is a frame of an object. */
export const isMeasured = (picture) => isImage(picture) && !!picture.meaning?.instance;

/** @type {(picture: Picture | null | undefined) => boolean} */
export const isDifference = (picture) => !!picture?.meaning?.subtraction;

/**
 * Of a frame, whatever is made of its values; see `stem` in runtime.py.
 * @type {(name: string | undefined) => string}
 */
export const stemOf = (name) => (name ?? "").split("-")[0];
