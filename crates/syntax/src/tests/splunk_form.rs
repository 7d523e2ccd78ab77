//! Tests of splunk_form.
