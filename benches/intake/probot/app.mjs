// Checks the signature, parses the delivery, and does nothing with it: Probot at its lightest. Nothing is kept.
export default (app) => {
  app.onAny(() => {});
};
