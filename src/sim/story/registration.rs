//! Registering the App under test from a manifest, as a person does it in a browser.

use serde_json::Value;
use uuid::Uuid;

use super::{GitHub, Refused};

impl GitHub {
    /// Somebody agrees to the registration that GitHub's page shows. Gives the code that the browser is sent back with.
    ///
    /// # Errors
    /// [`Refused`] as GitHub's page says it: a manifest that lacks what has to be there.
    pub fn agree_to_register(&self, manifest: &Value) -> Result<String, Refused> {
        let lacks = |what: &str| Refused { status: 422, message: format!("Invalid GitHub App configuration: {what}") };
        let hook = manifest["hook_attributes"]["url"].as_str().ok_or_else(|| lacks("Hook url can't be blank"))?;
        for name in ["url", "redirect_url"] {
            let absolute = manifest[name].as_str().is_some_and(|url| url.starts_with("http"));
            absolute.then_some(()).ok_or_else(|| lacks(&format!("{name} must be a valid URL")))?;
        }
        let permissions = manifest["default_permissions"].as_object().cloned().unwrap_or_default();
        let events = manifest["default_events"].as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (code, secret) = (Uuid::new_v4().simple().to_string(), Uuid::new_v4().simple().to_string());
        let mut state = self.lock();
        state.config.app.permissions = permissions.iter().map(|(name, level)| (name.clone(), text(level))).collect();
        state.config.app.events = events.iter().map(text).collect();
        state.hooks.url = Some(hook.to_owned());
        state.hooks.secret.clone_from(&secret);
        state.registrations.insert(code.clone(), secret);
        Ok(code)
    }
}
